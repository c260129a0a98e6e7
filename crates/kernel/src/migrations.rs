//! The schema, embedded. Files are numbered, append-only and never edited
//! after a release; the store replaces their type tokens per database.
//! Nothing else in the program writes tables.

use zf_store::Migration;

/// All migrations in the order they are applied.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_house",
        sql: include_str!("../../../migrations/0001_house.sql"),
    },
    Migration {
        name: "0002_customers",
        sql: include_str!("../../../migrations/0002_customers.sql"),
    },
    Migration {
        name: "0003_campaigns",
        sql: include_str!("../../../migrations/0003_campaigns.sql"),
    },
    Migration {
        name: "0004_customer_past",
        sql: include_str!("../../../migrations/0004_customer_past.sql"),
    },
    Migration {
        name: "0005_places",
        sql: include_str!("../../../migrations/0005_places.sql"),
    },
    Migration {
        name: "0006_households",
        sql: include_str!("../../../migrations/0006_households.sql"),
    },
    Migration {
        name: "0007_duplicates",
        sql: include_str!("../../../migrations/0007_duplicates.sql"),
    },
    Migration {
        name: "0008_groups",
        sql: include_str!("../../../migrations/0008_groups.sql"),
    },
    Migration {
        name: "0009_custody",
        sql: include_str!("../../../migrations/0009_custody.sql"),
    },
    Migration {
        name: "0010_imports",
        sql: include_str!("../../../migrations/0010_imports.sql"),
    },
    Migration {
        name: "0011_scale",
        sql: include_str!("../../../migrations/0011_scale.sql"),
    },
    Migration {
        name: "0012_exports",
        sql: include_str!("../../../migrations/0012_exports.sql"),
    },
    Migration {
        name: "0013_quality",
        sql: include_str!("../../../migrations/0013_quality.sql"),
    },
    Migration {
        name: "0014_moves",
        sql: include_str!("../../../migrations/0014_moves.sql"),
    },
    Migration {
        name: "0015_campaign_life",
        sql: include_str!("../../../migrations/0015_campaign_life.sql"),
    },
    Migration {
        name: "0016_plan_edits",
        sql: include_str!("../../../migrations/0016_plan_edits.sql"),
    },
    Migration {
        name: "0017_filing",
        sql: include_str!("../../../migrations/0017_filing.sql"),
    },
    Migration {
        name: "0018_map_layers",
        sql: include_str!("../../../migrations/0018_map_layers.sql"),
    },
    Migration {
        name: "0019_service_cards",
        sql: include_str!("../../../migrations/0019_service_cards.sql"),
    },
    Migration {
        name: "0020_handover_ends",
        sql: include_str!("../../../migrations/0020_handover_ends.sql"),
    },
    Migration {
        name: "0021_field",
        sql: include_str!("../../../migrations/0021_field.sql"),
    },
    Migration {
        name: "0024_sync",
        sql: include_str!("../../../migrations/0024_sync.sql"),
    },
    Migration {
        name: "0025_forms",
        sql: include_str!("../../../migrations/0025_forms.sql"),
    },
    Migration {
        name: "0027_photos_desk",
        sql: include_str!("../../../migrations/0027_photos_desk.sql"),
    },
    Migration {
        name: "0029_visit_people",
        sql: include_str!("../../../migrations/0029_visit_people.sql"),
    },
    Migration {
        name: "0030_rows",
        sql: include_str!("../../../migrations/0030_rows.sql"),
    },
    Migration {
        name: "0031_warm_up",
        sql: include_str!("../../../migrations/0031_warm_up.sql"),
    },
    Migration {
        name: "0033_visit_choices",
        sql: include_str!("../../../migrations/0033_visit_choices.sql"),
    },
    Migration {
        name: "0034_daily_meeting",
        sql: include_str!("../../../migrations/0034_daily_meeting.sql"),
    },
    Migration {
        name: "0035_gone",
        sql: include_str!("../../../migrations/0035_gone.sql"),
    },
    Migration {
        name: "0036_tasks",
        sql: include_str!("../../../migrations/0036_tasks.sql"),
    },
];
