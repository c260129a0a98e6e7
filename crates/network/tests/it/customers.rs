//! Customers: the four fields, updates that never lose anything, look-ups
//! within reach, and the price of a reveal.

use crate::World;
use zf_base::mask::{Permit, Reason};
use zf_kernel::event::service::{Before, event_list};
use zf_kernel::unit::Unit;
use zf_kernel::{Ctx, Permission};
use zf_network::customer::service::{
    Filter, LookUp, customer_add, customer_change, customer_list, customer_lookup, customer_reveal,
};
use zf_network::customer::{Customer, CustomerInput, FieldState};
use zf_network::import::ImportKind;

const PHONE: &str = "13800001234";
const ID_NUMBER: &str = "11010519491231002X";

async fn add(w: &World, unit: &Unit, no: &str, name: &str) -> Customer {
    let input = CustomerInput {
        name: Some(name.to_owned()),
        phone: Some(PHONE.to_owned()),
        id_number: Some(ID_NUMBER.to_owned()),
        address: Some("青山镇大河村3组12号".to_owned()),
        ..CustomerInput::default()
    };
    let scope = w.scope(Permission::CustomerWrite, unit);
    let made = customer_add(&w.app, &w.machine(), &scope, no, &input, false).await;
    made.unwrap()
}

async fn list(w: &World, filter: &Filter, after: &str, limit: i64) -> Vec<Customer> {
    let scope = w.scope(Permission::CustomerRead, &w.east);
    customer_list(&w.app, &scope, filter, after, limit)
        .await
        .unwrap()
}

fn clear(c: &Customer) -> [String; 4] {
    let permit = Permit::for_reason(Reason::CHECK);
    [
        c.name.reveal(&permit).to_owned(),
        c.phone.reveal(&permit).to_owned(),
        c.id_number.reveal(&permit).to_owned(),
        c.address.reveal(&permit).to_owned(),
    ]
}

#[tokio::test]
async fn an_import_never_blanks_what_its_file_does_not_carry() {
    for w in World::all().await {
        let before = add(&w, &w.east, "N1", "张三丰").await;
        assert!(before.four_fields);
        let csv =
            "customer_no,name,unit,phone,id_number,address,occupation\nN1,张三丰,B1,,,,农民\n";
        let ended = w.import(ImportKind::Customers, csv).await;
        assert_eq!(ended.counts.changed, 1);
        let after = list(&w, &Filter::default(), "", 9).await.remove(0);
        assert_eq!(clear(&after), clear(&before));
        assert_eq!(after.occupation.as_deref(), Some("农民"));
        assert!(after.four_fields);
    }
}

#[tokio::test]
async fn a_starred_number_does_not_replace_the_full_one_it_stands_for() {
    for w in World::all().await {
        add(&w, &w.east, "N1", "张三丰").await;
        let csv = |phone: &str| format!("customer_no,name,unit,phone\nN1,张三丰,B1,{phone}\n");
        w.import(ImportKind::Customers, &csv("138****1234")).await;
        let kept = list(&w, &Filter::default(), "", 9).await.remove(0);
        assert_eq!(
            (clear(&kept)[1].as_str(), kept.phone_state),
            (PHONE, FieldState::Full)
        );
        w.import(ImportKind::Customers, &csv("139****9999")).await;
        let other = list(&w, &Filter::default(), "", 9).await.remove(0);
        assert_eq!(
            other.phone_state,
            FieldState::Masked,
            "another number is news"
        );
        assert!(other.four_fields, "a starred value counts as complete");
    }
}

#[tokio::test]
async fn all_four_fields_or_not() {
    for w in World::all().await {
        let c = add(&w, &w.east, "N1", "张三丰").await;
        assert!(c.four_fields);
        let scope = w.scope(Permission::CustomerWrite, &w.east);
        let without = CustomerInput {
            address: Some(String::new()),
            ..CustomerInput::default()
        };
        let c = customer_change(&w.app, &w.machine(), &scope, c.id, &without, false).await;
        assert!(!c.unwrap().four_fields);
    }
}

#[tokio::test]
async fn each_of_the_four_fields_is_needed_for_a_complete_record() {
    // CUS-016: name, phone, ID number and home address.
    let named = |name: &str| Some(name.to_owned());
    let whole = CustomerInput {
        name: named("张三丰"),
        phone: named(PHONE),
        id_number: named(ID_NUMBER),
        address: named("青山镇大河村3组12号"),
        ..CustomerInput::default()
    };
    let without = |missing: usize| {
        let mut input = whole.clone();
        match missing {
            0 => input.phone = None,
            1 => input.id_number = None,
            _ => input.address = None,
        }
        input
    };
    for w in World::all().await {
        let scope = w.scope(Permission::CustomerWrite, &w.east);
        let add = async |no: &str, input: &CustomerInput| {
            customer_add(&w.app, &w.machine(), &scope, no, input, false).await
        };
        assert!(add("N0", &whole).await.unwrap().four_fields);
        for missing in 0..3 {
            let made = add(&format!("N{}", missing + 1), &without(missing)).await;
            assert!(!made.unwrap().four_fields, "{missing}");
        }
        // Without a name there is no record at all.
        let nameless = CustomerInput {
            name: None,
            ..whole.clone()
        };
        let refused = add("N9", &nameless).await.map(|_| ());
        assert_eq!(refused.unwrap_err().code(), Some("input.invalid"));
    }
}

#[tokio::test]
async fn a_look_up_finds_within_reach_only_and_is_told_of() {
    for w in World::all().await {
        add(&w, &w.east, "N1", "张三丰").await;
        add(&w, &w.west, "N1", "李四光").await;
        let find = async |ctx: &Ctx, what: LookUp| {
            let found = customer_lookup(&w.app, ctx, &what, false).await;
            found.map(|c| c.len())
        };
        let (all, east) = (w.machine(), w.acting_on(&w.east));
        assert_eq!(find(&all, LookUp::Phone(PHONE.into())).await.unwrap(), 2);
        assert_eq!(find(&east, LookUp::Phone(PHONE.into())).await.unwrap(), 1);
        assert_eq!(
            find(&east, LookUp::IdNumber(ID_NUMBER.into()))
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            find(&east, LookUp::CustomerNo("N1".into())).await.unwrap(),
            1
        );
        let starred = find(&all, LookUp::Phone("138****1234".into())).await;
        assert_eq!(starred.unwrap_err().code(), Some("input.invalid"));

        let scope = w.scope(Permission::AuditRead, &w.east);
        let told = event_list(&w.app, &scope, "customer.lookup", Before::newest(), 9).await;
        let told = told.unwrap();
        assert_eq!(told.len(), 2);
        assert!(
            told.iter()
                .all(|e| !e.detail.contains("1380") && !e.detail.contains("1101"))
        );
    }
}

#[tokio::test]
async fn trying_all_numbers_behind_a_mask_ends_after_three_hundred() {
    for w in World::all().await {
        let ctx = w.acting_on(&w.east);
        for i in 0..300 {
            let guess = LookUp::Phone(format!("1380000{i:04}"));
            customer_lookup(&w.app, &ctx, &guess, false).await.unwrap();
        }
        let guess = LookUp::Phone(PHONE.to_owned());
        let got = customer_lookup(&w.app, &ctx, &guess, false)
            .await
            .map(|_| ());
        assert_eq!(got.unwrap_err().code(), Some("reveal.limit"));
    }
}

#[tokio::test]
async fn thirty_reveals_an_hour_over_all_branches_together() {
    for w in World::all().await {
        let ctx = w.machine();
        let fields = ["phone".to_owned()];
        let mut got = Vec::new();
        let (a, b) = (
            add(&w, &w.east, "N1", "张三丰").await,
            add(&w, &w.west, "N2", "李四光").await,
        );
        for i in 0..31 {
            let (unit, c) = if i % 2 == 0 {
                (&w.east, &a)
            } else {
                (&w.west, &b)
            };
            let scope = w.scope(Permission::CustomerReveal, unit);
            let seen = customer_reveal(&w.app, &ctx, &scope, c.id, &fields, "电话回访").await;
            got.push(seen.map_err(|e| e.code().unwrap_or("?")));
        }
        assert!(
            got[..30]
                .iter()
                .all(|r| r.as_ref().is_ok_and(|v| v["phone"] == PHONE))
        );
        assert_eq!(got[30], Err("reveal.limit"));
    }
}

#[tokio::test]
async fn a_reason_that_says_who_it_is_about_is_refused() {
    for w in World::all().await {
        let c = add(&w, &w.east, "N1", "张三丰").await;
        let scope = w.scope(Permission::CustomerReveal, &w.east);
        let fields = ["name".to_owned()];
        for reason in ["回访张三丰", "打13912345678", "  "] {
            let got = customer_reveal(&w.app, &w.machine(), &scope, c.id, &fields, reason).await;
            assert!(got.is_err(), "{reason}");
        }
        let audit = w.scope(Permission::AuditRead, &w.east);
        let told = event_list(&w.app, &audit, "customer.reveal", Before::newest(), 9).await;
        assert!(told.unwrap().is_empty());
    }
}

#[tokio::test]
async fn pages_hold_every_customer_once_and_filters_work_together() {
    for w in World::all().await {
        let groups = "unit,code,name\nB1,G1,一组\nB1,G2,二组\n";
        w.import(ImportKind::VillageGroups, groups).await;
        let mut csv = "customer_no,name,unit,village_group,tags\n".to_owned();
        for i in 0..23 {
            let group = if i % 2 == 0 { "G1" } else { "G2" };
            let tag = if i % 3 == 0 { "B01" } else { "" };
            csv += &format!("N{i},张三,B1,{group},{tag}\n");
        }
        w.import(ImportKind::Customers, &csv).await;
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = list(&w, &Filter::default(), &after, 5).await;
            let Some(last) = page.last() else { break };
            after = last.customer_no.clone();
            seen.extend(page.into_iter().map(|c| c.customer_no));
        }
        let mut whole: Vec<String> = (0..23).map(|i| format!("N{i}")).collect();
        whole.sort();
        assert_eq!(seen, whole);

        let group = list(&w, &Filter::default(), "", 1).await[0].village_group_id;
        let both = Filter {
            tag: Some("B01".to_owned()),
            village_group: group,
            ..Filter::default()
        };
        // 0, 6, 12 and 18 are both even and a multiple of three.
        assert_eq!(list(&w, &both, "", 50).await.len(), 4);
        let named = Filter {
            name: Some("张".to_owned()),
            ..Filter::default()
        };
        assert_eq!(
            list(&w, &named, "", 7).await.len(),
            7,
            "no more than asked for"
        );
    }
}

#[tokio::test]
async fn a_tag_or_group_that_does_not_exist_is_refused_on_the_page() {
    for w in World::all().await {
        let c = add(&w, &w.east, "N1", "张三丰").await;
        let scope = w.scope(Permission::CustomerWrite, &w.east);
        let free = CustomerInput {
            tags: Some(vec!["张三丰欠款".to_owned()]),
            ..CustomerInput::default()
        };
        let nowhere = CustomerInput {
            village_group_id: Some(zf_base::VillageGroupId(w.app.new_id())),
            ..CustomerInput::default()
        };
        for input in [free, nowhere] {
            let got = customer_change(&w.app, &w.machine(), &scope, c.id, &input, false).await;
            assert_eq!(got.map(|_| ()).unwrap_err().code(), Some("input.invalid"));
        }
    }
}
