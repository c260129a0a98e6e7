//! Writing units, staff, village groups and the positions of villages: few rows, so each is written on its
//! own through the rules of its noun, which makes a second run harmless. What
//! an earlier attempt has counted is not counted again.

use super::row::RowReader;
use super::run::{Opened, Writer};
use super::{CellError, Import, ImportKind};
use crate::customer::seal;
use crate::place::ladder::FilePlace;
use crate::place::service::{place_list, place_put};
use crate::village_group::VillageGroup;
use crate::village_group::service::{village_group_list, village_group_put};
use crate::words;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use zf_address::{township_core, village_core};
use zf_base::{VillageGroupId, limits};
use zf_kernel::error::Result;
use zf_kernel::staff::{StaffInput, service as staff};
use zf_kernel::unit::service::{
    unit_add, unit_add_root, unit_by_code, unit_change, unit_fetch, unit_root,
};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::{App, Ctx, Permission};
use zf_office::RowCells;

/// Writes rows of the organisation.
pub struct OrganisationWriter<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    import: &'a Import,
    demo: bool,
    /// Where the import may write.
    root_path: String,
    seen: HashSet<String>,
    /// Units that a dry run would have made, for the rows below them.
    planned: HashMap<String, Level>,
    taken: i64,
    counted: i64,
    written: (i64, i64, i64),
}

/// What became of a row.
enum Outcome {
    New,
    Changed,
    Same,
}

impl<'a> OrganisationWriter<'a> {
    /// Starts.
    pub async fn new(
        app: &'a App,
        ctx: &'a Ctx,
        import: &'a Import,
    ) -> Result<OrganisationWriter<'a>> {
        let demo = zf_kernel::setting::is_demo(app).await?;
        let before = import.counts;
        Ok(OrganisationWriter {
            app,
            ctx,
            import,
            demo,
            root_path: unit_fetch(app, import.unit_id).await?.path,
            seen: HashSet::new(),
            planned: HashMap::new(),
            taken: 0,
            counted: if import.dry_run { 0 } else { before.done },
            written: match import.dry_run {
                true => (0, 0, 0),
                false => (before.new, before.changed, before.same),
            },
        })
    }

    async fn take_row(&mut self, cells: &RowCells, opened: &Opened) -> Result<Vec<CellError>> {
        let key = match self.import.kind {
            ImportKind::Staff => "staff_no",
            _ => "code",
        };
        let mut r = RowReader::new(&opened.map, &opened.headers, cells, key);
        if let Some((column, reason)) = self.repeated(&r, key) {
            r.wrong(column, reason);
            return Ok(r.errors);
        }
        if self.taken <= self.counted {
            return Ok(vec![]);
        }
        let outcome = match self.import.kind {
            ImportKind::Units => self.unit(&mut r).await?,
            ImportKind::Staff => self.staff(&mut r).await?,
            _ if is_place(&r) => self.place(&mut r).await?,
            _ => self.village_group(&mut r).await?,
        };
        match outcome {
            Some(Outcome::New) => self.written.0 += 1,
            Some(Outcome::Changed) => self.written.1 += 1,
            Some(Outcome::Same) => self.written.2 += 1,
            None => {}
        }
        Ok(r.errors)
    }

    /// The column and the reason when an earlier row was about the same.
    fn repeated(
        &mut self,
        r: &RowReader<'_>,
        key: &'static str,
    ) -> Option<(&'static str, &'static str)> {
        if self.import.kind == ImportKind::VillageGroups && is_place(r) {
            let (township, village) = (r.text("township").trim(), r.text("village").trim());
            let names = format!("{}/{}", township_core(township), village_core(village));
            let unique = format!("{}//{names}", r.text("unit"));
            let column = match village.is_empty() {
                true => "township",
                false => "village",
            };
            return (!self.seen.insert(unique)).then_some((column, "place.duplicate"));
        }
        let unique = match self.import.kind {
            ImportKind::VillageGroups => format!("{}/{}", r.text("unit"), r.key()),
            _ => r.key().to_owned(),
        };
        let repeated = !r.key().is_empty() && !self.seen.insert(unique);
        repeated.then_some((key, "row.duplicate"))
    }

    async fn unit(&mut self, r: &mut RowReader<'_>) -> Result<Option<Outcome>> {
        let code = r.required("code", limits::CODE_CHARS_MAX);
        let level = r
            .word("level", words::level)
            .and_then(|l| l.parse::<Level>().ok());
        if level.is_none() && r.text("level").trim().is_empty() {
            r.wrong("level", "field.required");
        }
        let place = r.place(self.import.datum);
        let input = UnitInput {
            code,
            name: r.required("name", limits::NAME_CHARS_MAX),
            level: level.unwrap_or(Level::Branch),
            parent: None,
            area_kind: r.word("area_kind", words::area_kind),
            market_kind: r.word("market_kind", words::market_kind),
            place: place.map(|(p, _)| p),
            datum: place.map(|(_, d)| d),
            phone: r.optional_or_clear("phone", limits::CODE_CHARS_MAX),
            active: true,
        };
        if !r.errors.is_empty() {
            return Ok(None);
        }
        if let Some(old) = unit_by_code(self.app, &input.code).await? {
            return self.change_unit(r, &old, input).await;
        }
        let parent_code = r.text("parent").trim().to_owned();
        let parent = unit_by_code(self.app, &parent_code).await?;
        if parent.is_none()
            && let Some(level) = self.planned.get(&parent_code)
        {
            if input.level <= *level {
                r.wrong("parent", "unit.parent");
                return Ok(None);
            }
            return Ok(self.plan(&input));
        }
        let Some(parent) = parent else {
            return self.root_unit(r, &parent_code, &input).await;
        };
        let Ok(scope) = self.ctx.scope(Permission::ImportWrite, &parent) else {
            r.wrong("parent", "unit.out_of_scope");
            return Ok(None);
        };
        if input.level <= parent.level {
            r.wrong("parent", "unit.parent");
            return Ok(None);
        }
        if self.import.dry_run {
            return Ok(self.plan(&input));
        }
        unit_add(self.app, self.ctx, &scope, &input, self.demo).await?;
        Ok(Some(Outcome::New))
    }

    /// Notes a unit that a dry run would have made.
    fn plan(&mut self, input: &UnitInput) -> Option<Outcome> {
        self.planned.insert(input.code.clone(), input.level);
        Some(Outcome::New)
    }

    /// Only the very first unit may be without a parent.
    async fn root_unit(
        &mut self,
        r: &mut RowReader<'_>,
        parent_code: &str,
        input: &UnitInput,
    ) -> Result<Option<Outcome>> {
        if !parent_code.is_empty() || unit_root(self.app).await?.is_some() {
            r.wrong("parent", "unit.parent");
            return Ok(None);
        }
        if self.import.dry_run {
            let first = self.planned.is_empty();
            if !first {
                r.wrong("parent", "unit.parent");
                return Ok(None);
            }
            return Ok(self.plan(input));
        }
        unit_add_root(self.app, self.ctx, input, self.demo).await?;
        Ok(Some(Outcome::New))
    }

    /// Lays a row over a unit; empty cells keep what is there.
    async fn change_unit(
        &self,
        r: &mut RowReader<'_>,
        old: &Unit,
        mut input: UnitInput,
    ) -> Result<Option<Outcome>> {
        let Ok(scope) = self.ctx.scope(Permission::ImportWrite, old) else {
            r.wrong("code", "unit.out_of_scope");
            return Ok(None);
        };
        input.area_kind = input.area_kind.or(old.area_kind.clone());
        input.market_kind = input.market_kind.or(old.market_kind.clone());
        input.phone = input.phone.or(old.phone.clone());
        input.datum = input.place.and(input.datum).or(old.datum);
        input.place = input.place.or(old.place);
        let same = input.name == old.name
            && input.area_kind == old.area_kind
            && input.market_kind == old.market_kind
            && input.phone == old.phone
            && input.place == old.place;
        if same {
            return Ok(Some(Outcome::Same));
        }
        if !self.import.dry_run {
            unit_change(self.app, self.ctx, &scope, &input).await?;
        }
        Ok(Some(Outcome::Changed))
    }

    /// The unit a row names, when the import may write there.
    async fn unit_named(&self, r: &mut RowReader<'_>) -> Result<Option<zf_kernel::UnitScope>> {
        let code = r.required("unit", limits::CODE_CHARS_MAX);
        let Some(unit) = unit_by_code(self.app, &code).await? else {
            if !code.is_empty() {
                r.wrong("unit", "unit.unknown");
            }
            return Ok(None);
        };
        match self.ctx.scope(Permission::ImportWrite, &unit) {
            Ok(scope) if unit.path.starts_with(&self.root_path) => Ok(Some(scope)),
            _ => {
                r.wrong("unit", "unit.out_of_scope");
                Ok(None)
            }
        }
    }

    /// A post by code or by its name.
    fn post(&self, text: &str) -> Option<String> {
        let named = |p: &&zf_kernel::pack::Post| {
            p.code == text
                || p.name.zh == text
                || p.name.en == text
                || p.aliases.iter().any(|a| a == text)
        };
        self.app
            .packs
            .posts()
            .iter()
            .find(named)
            .map(|p| p.code.clone())
    }

    async fn staff(&mut self, r: &mut RowReader<'_>) -> Result<Option<Outcome>> {
        let staff_no = r.required("staff_no", limits::CODE_CHARS_MAX);
        let name = r.required("name", limits::NAME_CHARS_MAX);
        let scope = self.unit_named(r).await?;
        let post_text = r.required("post", limits::NAME_CHARS_MAX);
        let post = self.post(&post_text);
        if post.is_none() && !post_text.is_empty() {
            r.wrong("post", "staff.post_unknown");
        }
        let mut phone = r.optional_or_clear("phone", limits::CODE_CHARS_MAX);
        if let Some(text) = &mut phone {
            match seal::phone(text, self.demo) {
                Ok(checked) => *text = checked.value,
                Err(code) => r.wrong("phone", code),
            }
        }
        let (Some(scope), Some(post), true) = (scope, post, r.errors.is_empty()) else {
            return Ok(None);
        };
        let input = StaffInput {
            staff_no,
            name,
            post,
            phone,
            active: true,
        };
        let Some(old) = staff::staff_by_no(self.app, &input.staff_no).await? else {
            if !self.import.dry_run {
                staff::staff_add(self.app, self.ctx, &scope, &input).await?;
            }
            return Ok(Some(Outcome::New));
        };
        let home = unit_fetch(self.app, old.unit_id).await?;
        if self.ctx.scope(Permission::ImportWrite, &home).is_err() {
            r.wrong("staff_no", "unit.out_of_scope");
            return Ok(None);
        }
        let stored = staff::staff_phone_clear(self.app, &old)?;
        let same_phone = input.phone.is_none() || input.phone == stored;
        if old.name == input.name
            && old.post == input.post
            && old.unit_id == scope.unit_id()
            && same_phone
        {
            return Ok(Some(Outcome::Same));
        }
        if !self.import.dry_run {
            staff::staff_change(self.app, self.ctx, &scope, &old, &input).await?;
        }
        Ok(Some(Outcome::Changed))
    }

    /// The branch of a row in which nothing is wrong.
    async fn branch_named(&self, r: &mut RowReader<'_>) -> Result<Option<zf_kernel::UnitScope>> {
        let scope = self.unit_named(r).await?;
        let (Some(scope), true) = (scope, r.errors.is_empty()) else {
            return Ok(None);
        };
        if scope.unit().level != Level::Branch {
            r.wrong("unit", "unit.not_branch");
            return Ok(None);
        }
        Ok(Some(scope))
    }

    /// The position of a village or a township.
    async fn place(&mut self, r: &mut RowReader<'_>) -> Result<Option<Outcome>> {
        let mut name = |column| {
            let text = r.optional(column, limits::NAME_CHARS_MAX);
            text.unwrap_or_default()
        };
        let (township, village) = (name("township"), name("village"));
        let place = r.place(self.import.datum);
        if place.is_none() && r.errors.is_empty() {
            r.wrong("lat", "place.coordinates");
        }
        let Some(scope) = self.branch_named(r).await? else {
            return Ok(None);
        };
        let Some((point, datum)) = place else {
            return Ok(None);
        };
        let known = place_list(self.app, &scope).await?;
        let old = known.into_iter().find(|p| p.is_of(&township, &village));
        if old.as_ref().is_some_and(|p| p.point == point) {
            return Ok(Some(Outcome::Same));
        }
        let outcome = match old {
            Some(_) => Outcome::Changed,
            None => Outcome::New,
        };
        if !self.import.dry_run {
            // The writing of the first file stays, so that no village is there twice.
            let (township, village) = old.map_or((township, village), |p| (p.township, p.village));
            let place = FilePlace {
                township,
                village,
                point,
            };
            let why = json!({ "import": self.import.id });
            place_put(self.app, self.ctx, &scope, &place, datum, why).await?;
        }
        Ok(Some(outcome))
    }

    async fn village_group(&mut self, r: &mut RowReader<'_>) -> Result<Option<Outcome>> {
        let code = r.required("code", limits::CODE_CHARS_MAX);
        let name = r.required("name", limits::NAME_CHARS_MAX);
        let township = r
            .optional("township", limits::NAME_CHARS_MAX)
            .unwrap_or_default();
        let village = r
            .optional("village", limits::NAME_CHARS_MAX)
            .unwrap_or_default();
        let mail_route = r.optional_or_clear("mail_route", limits::NAME_CHARS_MAX);
        let place = r.place(self.import.datum);
        let Some(scope) = self.branch_named(r).await? else {
            return Ok(None);
        };
        let old = village_group_list(self.app, &scope)
            .await?
            .into_iter()
            .find(|g| g.code == code);
        let keeps_place = |stored: Option<zf_base::geo::Point>| {
            place.is_none() || place.map(|(p, _)| p) == stored
        };
        let keeps_route = |stored: &Option<String>| {
            let new = mail_route.as_deref();
            new.is_none_or(|new| new == stored.as_deref().unwrap_or_default())
        };
        if old.as_ref().is_some_and(|g| {
            let names = g.name == name && g.village == village && g.township == township;
            names && keeps_place(g.place) && keeps_route(&g.mail_route)
        }) {
            return Ok(Some(Outcome::Same));
        }
        if !self.import.dry_run {
            let group = VillageGroup {
                id: VillageGroupId(self.app.new_id()),
                code,
                township,
                village,
                name,
                mail_route,
                place: place.map(|(p, _)| p),
                datum: place.map(|(_, d)| d),
            };
            let why = json!({ "import": self.import.id });
            village_group_put(self.app, self.ctx, &scope, &group, why).await?;
        }
        Ok(Some(if old.is_some() {
            Outcome::Changed
        } else {
            Outcome::New
        }))
    }
}

/// A row of village groups without a group: the position of its village, or
/// without a village of its township.
fn is_place(r: &RowReader<'_>) -> bool {
    let empty = |column| r.text(column).trim().is_empty();
    empty("code") && empty("name") && !(empty("township") && empty("village"))
}

impl Writer for OrganisationWriter<'_> {
    async fn take(
        &mut self,
        rows: &Arc<Vec<RowCells>>,
        opened: &Arc<Opened>,
        refused: &BTreeSet<u64>,
    ) -> Result<Vec<CellError>> {
        let mut errors = Vec::new();
        for row in rows.iter() {
            self.taken += 1;
            if refused.contains(&row.row_number) {
                continue;
            }
            errors.extend(self.take_row(row, opened).await?);
        }
        Ok(errors)
    }

    async fn write_gathered(&mut self) -> Result<()> {
        // Every row is written as it is taken; a second time it is the same.
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    fn written(&self) -> (i64, i64, i64) {
        self.written
    }
}
