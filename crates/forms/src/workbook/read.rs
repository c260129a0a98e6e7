//! From the sheets of a workbook to a form. Understands our own headers and types
//! and XLSForm's; rules may be CEL or the documented XLSForm subset. What is not
//! understood is left out of the form and listed with its row and column.

use super::xlsform::translate;
use super::{Finding, Grid, Workbook, words};
use crate::model::{Choice, Field, FieldType, Form, Label, Rule};
use std::collections::{BTreeMap, BTreeSet};
use zf_expr::Expr;

/// Reads a form. `id` and `version` are taken when the workbook does not say.
/// The form is as much as was understood; publish it only without findings.
/// A form that does not pass the check is listed by row as well.
pub fn from_workbook(book: &Workbook, id: &str, version: u32) -> (Form, Vec<Finding>) {
    let mut found = Vec::new();
    let mut form = head(book.form.as_ref(), id, version, &mut found);
    let Some(grid) = &book.questions else {
        found.push(finding(words::QUESTIONS[0], 0, "", words::NO_QUESTIONS));
        return (form, found);
    };
    let mut lists = choices(book.options.as_ref(), &mut found);
    let mut reader = Questions {
        table: Columns::new(grid),
        found,
        lists: &mut lists,
        has_options: book.options.is_some(),
        types: BTreeMap::new(),
        rows: BTreeMap::new(),
        untyped: Vec::new(),
    };
    form.fields = reader.read();
    let Questions {
        mut found,
        rows,
        untyped,
        ..
    } = reader;
    settle_types(&mut form, &untyped);
    for (list, (row, used)) in lists.iter().map(|(list, l)| (list, (l.row, l.used))) {
        if !used {
            let sheet = book.options.as_ref().map_or("", |g| &g.name);
            found.push(finding(
                sheet,
                row,
                words::LIST[0],
                &words::list_not_used(list),
            ));
        }
    }
    for problem in form.check() {
        let row = rows.get(&problem.field).copied().unwrap_or(0);
        let column = column_of(&problem.what);
        found.push(finding(&grid.name, row, column, &problem.what));
    }
    (form, found)
}

/// Problems of a form by row and column of the workbook that is made of it.
/// Problems of the form itself have row 0.
pub fn placed(form: &Form, problems: &[crate::check::Problem]) -> Vec<Finding> {
    let sheets = super::to_sheets(form);
    let names = sheets.first().map(|s| &s.rows[..]).unwrap_or_default();
    let row = |field: &str| {
        let at = names
            .iter()
            .position(|r| !field.is_empty() && r[1] == field);
        // Headers stand in the first row.
        at.map_or(0, |at| at as u64 + 2)
    };
    problems
        .iter()
        .map(|p| {
            finding(
                words::QUESTIONS[0],
                row(&p.field),
                column_of(&p.what),
                &p.what,
            )
        })
        .collect()
}

/// The column that a problem of the check is about: it names the property first.
fn column_of(what: &str) -> &'static str {
    [
        words::RELEVANT,
        words::REQUIRED,
        words::CONSTRAINT,
        words::CALCULATE,
        words::SCORE,
    ]
    .iter()
    .find(|names| what.starts_with(&format!("“{}”", names[0])))
    .map_or("", |names| names[0])
}

fn finding(sheet: &str, row: u64, column: &str, what: &str) -> Finding {
    Finding {
        sheet: sheet.to_owned(),
        row,
        column: column.to_owned(),
        what: what.to_owned(),
    }
}

pub(super) fn is_one_of(text: &str, names: &[&str]) -> bool {
    let text = plain(text);
    names.iter().any(|n| plain(n) == text)
}

/// For comparison: lower case, half-width brackets, without blanks at the ends.
fn plain(text: &str) -> String {
    let half = text.trim().replace('（', "(").replace('）', ")");
    half.to_lowercase().replace(" (", "(").replace(":: ", "::")
}

/// A sheet with its cells found by column.
struct Columns<'a> {
    grid: &'a Grid,
    known: BTreeSet<usize>,
}

impl<'a> Columns<'a> {
    fn new(grid: &'a Grid) -> Self {
        Columns {
            grid,
            known: BTreeSet::new(),
        }
    }

    /// The text of the first column of these names; `None` when it is empty.
    fn get(&mut self, row: &'a [String], names: &[&str]) -> Option<&'a str> {
        let mut found = None;
        for (i, header) in self.grid.headers.iter().enumerate() {
            if !is_one_of(header, names) {
                continue;
            }
            // A second column of the same meaning stays unknown, so that its cells are named.
            if found.is_none() {
                self.known.insert(i);
                found = Some(row.get(i).map_or("", |t| t.trim()));
            }
        }
        found.filter(|t| !t.is_empty())
    }

    fn has(&self, names: &[&str]) -> bool {
        self.grid.headers.iter().any(|h| is_one_of(h, names))
    }

    /// Texts in columns that nobody asked for.
    fn unknown(&self, number: u64, row: &[String], found: &mut Vec<Finding>) {
        for (i, text) in row.iter().enumerate() {
            if text.trim().is_empty() || self.known.contains(&i) {
                continue;
            }
            let header = self.grid.headers.get(i).map_or("", String::as_str);
            let what = words::unknown_column(header);
            found.push(finding(&self.grid.name, number, header, &what));
        }
    }
}

fn label(zh: Option<&str>, en: Option<&str>) -> Result<Option<Label>, &'static str> {
    match (zh, en) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(words::ENGLISH_ALONE),
        (Some(zh), None) => Ok(Some(Label::Plain(zh.to_owned()))),
        (Some(zh), Some(en)) => Ok(Some(Label::Both {
            zh: zh.to_owned(),
            en: en.to_owned(),
        })),
    }
}

fn head(grid: Option<&Grid>, id: &str, version: u32, found: &mut Vec<Finding>) -> Form {
    let mut form = Form {
        id: id.to_owned(),
        version,
        title: None,
        fields: Vec::new(),
        other: BTreeMap::new(),
    };
    let Some(grid) = grid else {
        return form;
    };
    let mut table = Columns::new(grid);
    for (i, (number, row)) in grid.rows.iter().enumerate() {
        if i > 0 {
            found.push(finding(&grid.name, *number, "", words::ONE_FORM_ROW));
            continue;
        }
        if let Some(id) = table.get(row, words::ID) {
            form.id = id.to_owned();
        }
        if let Some(text) = table.get(row, words::VERSION) {
            match text.parse::<u32>() {
                Ok(version) if version > 0 => form.version = version,
                _ => found.push(finding(
                    &grid.name,
                    *number,
                    words::VERSION[0],
                    words::NOT_A_VERSION,
                )),
            }
        }
        match label(
            table.get(row, words::TITLE),
            table.get(row, words::TITLE_EN),
        ) {
            Ok(title) => form.title = title,
            Err(what) => found.push(finding(&grid.name, *number, words::TITLE[0], what)),
        }
        table.unknown(*number, row, found);
    }
    form
}

/// Options of one name, and whether a question uses them.
struct List {
    options: Vec<Choice>,
    row: u64,
    used: bool,
}

fn choices(grid: Option<&Grid>, found: &mut Vec<Finding>) -> BTreeMap<String, List> {
    let mut lists: BTreeMap<String, List> = BTreeMap::new();
    let Some(grid) = grid else {
        return lists;
    };
    let mut table = Columns::new(grid);
    for (number, row) in &grid.rows {
        let list = table.get(row, words::LIST).unwrap_or_default();
        let value = table.get(row, words::NAME).unwrap_or_default().to_owned();
        let zh = table.get(row, words::OPTION_LABEL);
        let en = table.get(row, words::OPTION_LABEL_EN);
        let score = match table.get(row, words::SCORE).map(str::parse::<i64>) {
            None => None,
            Some(Ok(points)) => Some(points),
            Some(Err(_)) => {
                let what = words::NOT_POINTS;
                found.push(finding(&grid.name, *number, words::SCORE[0], what));
                None
            }
        };
        let label = label(zh, en).unwrap_or_else(|what| {
            found.push(finding(&grid.name, *number, words::OPTION_LABEL[0], what));
            None
        });
        let option = match (label, score) {
            (None, None) => Choice::Plain(value),
            (label, score) => Choice::Labelled {
                label: label.unwrap_or_else(|| Label::Plain(value.clone())),
                value,
                score,
            },
        };
        table.unknown(*number, row, found);
        let entry = lists.entry(list.to_owned()).or_insert_with(|| List {
            options: Vec::new(),
            row: *number,
            used: false,
        });
        entry.options.push(option);
    }
    lists
}

/// What a cell of the column 题型 says.
enum Kind {
    Field(FieldType, Option<String>),
    Untyped,
    End(FieldType),
}

fn kind(text: &str) -> Option<Kind> {
    for (ends, kind) in [
        (words::END_GROUP, FieldType::Group),
        (words::END_REPEAT, FieldType::Repeat),
    ] {
        if is_one_of(text, ends) {
            return Some(Kind::End(kind));
        }
    }
    if is_one_of(text, words::CALCULATION) {
        return Some(Kind::Untyped);
    }
    for (kind, names) in words::TYPES {
        if is_one_of(text, names) {
            return Some(Kind::Field(*kind, None));
        }
        if !matches!(kind, FieldType::One | FieldType::Many) {
            continue;
        }
        let list = names.iter().find_map(|n| text.trim().strip_prefix(n));
        // `or_other` and the like behind the name of the list is not understood.
        let list = list.filter(|l| l.starts_with(' ')).map(str::trim);
        if let Some(list) = list.filter(|l| !l.contains(' ')) {
            return Some(Kind::Field(*kind, Some(list.to_owned())));
        }
    }
    None
}

struct Questions<'a> {
    table: Columns<'a>,
    found: Vec<Finding>,
    lists: &'a mut BTreeMap<String, List>,
    has_options: bool,
    /// Types by name, for translations; from a first walk.
    types: BTreeMap<String, FieldType>,
    /// Rows by name of the field.
    rows: BTreeMap<String, u64>,
    /// Calculations whose type is not said.
    untyped: Vec<String>,
}

impl<'a> Questions<'a> {
    fn say(&mut self, row: u64, column: &str, what: &str) {
        let sheet = self.table.grid.name.clone();
        self.found.push(finding(&sheet, row, column, what));
    }

    fn read(&mut self) -> Vec<Field> {
        let grid = self.table.grid;
        if !self.table.has(words::TYPE) || !self.table.has(words::NAME) {
            self.say(0, "", words::NO_QUESTIONS);
            return Vec::new();
        }
        for (_, row) in &grid.rows {
            let name = self.table.get(row, words::NAME);
            let word = self.table.get(row, words::TYPE).and_then(kind);
            let kind = match word {
                Some(Kind::Field(kind, _)) => Some(kind),
                // Its type is found out later; a translation only tells choices from the rest.
                Some(Kind::Untyped) => Some(FieldType::Text),
                Some(Kind::End(_)) | None => None,
            };
            if let (Some(name), Some(kind)) = (name, kind) {
                self.types.insert(name.to_owned(), kind);
            }
        }
        // Open groups and rows, each with the fields before it; the last list is the current one.
        let mut open: Vec<(Field, u64)> = Vec::new();
        let mut levels: Vec<Vec<Field>> = vec![Vec::new()];
        for (number, row) in &grid.rows {
            let ended = self.row(*number, row, &mut open, &mut levels);
            if let Some(mut field) = ended {
                field.fields = levels.pop().unwrap_or_default();
                push(&mut levels, field);
            }
        }
        while let Some((mut field, number)) = open.pop() {
            self.say(number, words::TYPE[0], words::NOT_ENDED);
            field.fields = levels.pop().unwrap_or_default();
            push(&mut levels, field);
        }
        levels.pop().unwrap_or_default()
    }

    /// One row; gives a group or repeat that ends here.
    fn row(
        &mut self,
        number: u64,
        row: &'a [String],
        open: &mut Vec<(Field, u64)>,
        levels: &mut Vec<Vec<Field>>,
    ) -> Option<Field> {
        let Some(word) = self.table.get(row, words::TYPE) else {
            self.say(number, words::TYPE[0], words::NO_TYPE);
            return None;
        };
        match kind(word) {
            None => {
                self.say(number, words::TYPE[0], &words::unknown_type(word));
                None
            }
            Some(Kind::End(kind)) => {
                self.known_columns(row);
                self.beside_end(number, row);
                if open.last().is_some_and(|(f, _)| f.kind == kind) {
                    return open.pop().map(|(field, _)| field);
                }
                self.say(number, words::TYPE[0], words::ENDS_NOTHING);
                None
            }
            Some(Kind::Untyped) => {
                let field = self.field(number, row, FieldType::Integer, None);
                self.untyped.push(field.name.clone());
                push(levels, field);
                None
            }
            Some(Kind::Field(kind, list)) => {
                let field = self.field(number, row, kind, list);
                if matches!(kind, FieldType::Group | FieldType::Repeat) {
                    open.push((field, number));
                    levels.push(Vec::new());
                } else {
                    push(levels, field);
                }
                None
            }
        }
    }

    /// An end row says nothing but its type; XLSForm repeats the name there.
    fn beside_end(&mut self, number: u64, row: &'a [String]) {
        for (i, text) in row.iter().enumerate() {
            let header = self.table.grid.headers.get(i).map_or("", String::as_str);
            let expected = is_one_of(header, words::TYPE) || is_one_of(header, words::NAME);
            if !text.trim().is_empty() && !expected {
                self.say(number, header, &words::unknown_column(header));
            }
        }
    }

    fn known_columns(&mut self, row: &'a [String]) {
        for names in [words::TYPE, words::NAME] {
            self.table.get(row, names);
        }
    }

    fn text(&mut self, number: u64, row: &'a [String], names: [&[&str]; 2]) -> Option<Label> {
        let zh = self.table.get(row, names[0]);
        let en = self.table.get(row, names[1]);
        label(zh, en).unwrap_or_else(|what| {
            self.say(number, names[0][0], what);
            None
        })
    }

    fn field(
        &mut self,
        number: u64,
        row: &'a [String],
        kind: FieldType,
        list: Option<String>,
    ) -> Field {
        let name = self
            .table
            .get(row, words::NAME)
            .unwrap_or_default()
            .to_owned();
        self.rows.insert(name.clone(), number);
        let field = Field {
            kind,
            label: self.text(number, row, [words::LABEL, words::LABEL_EN]),
            hint: self.text(number, row, [words::HINT, words::HINT_EN]),
            message: self.text(number, row, [words::MESSAGE, words::MESSAGE_EN]),
            options: self.options(number, kind, list),
            required: self.rule(number, row, words::REQUIRED, &name),
            relevant: self.rule(number, row, words::RELEVANT, &name),
            constraint: self.rule(number, row, words::CONSTRAINT, &name),
            calculate: self.rule(number, row, words::CALCULATE, &name),
            score: self.rule(number, row, words::SCORE, &name),
            fields: Vec::new(),
            other: BTreeMap::new(),
            name,
        };
        let mut found = std::mem::take(&mut self.found);
        self.table.unknown(number, row, &mut found);
        self.found = found;
        field
    }

    fn options(&mut self, number: u64, kind: FieldType, list: Option<String>) -> Vec<Choice> {
        if !matches!(kind, FieldType::One | FieldType::Many) {
            return Vec::new();
        }
        let Some(list) = list else {
            self.say(number, words::TYPE[0], words::NEEDS_LIST);
            return Vec::new();
        };
        if let Some(options) = self.lists.get_mut(&list) {
            options.used = true;
            return options.options.clone();
        }
        let what = if self.has_options {
            words::no_such_list(&list)
        } else {
            words::NO_OPTIONS_SHEET.to_owned()
        };
        self.say(number, words::TYPE[0], &what);
        Vec::new()
    }

    /// CEL as it stands, else the XLSForm subset translated.
    fn rule(&mut self, number: u64, row: &'a [String], names: &[&str], own: &str) -> Option<Rule> {
        let text = self.table.get(row, names)?;
        if names == words::REQUIRED && is_one_of(text, words::YES_WORDS) {
            return Some(Rule("true".to_owned()));
        }
        if names == words::REQUIRED && is_one_of(text, words::NO_WORDS) {
            return Some(Rule("false".to_owned()));
        }
        if Expr::compile(text).is_ok() {
            return Some(Rule(text.to_owned()));
        }
        match translate(text, own, &self.types) {
            Ok(cel) => Some(Rule(cel)),
            Err(what) => {
                self.say(number, names[0], &words::expression(&what));
                None
            }
        }
    }
}

fn push(levels: &mut [Vec<Field>], field: Field) {
    if let Some(level) = levels.last_mut() {
        level.push(field);
    }
}

/// XLSForm's `calculate` has no type: the first one that passes the check is taken.
fn settle_types(form: &mut Form, untyped: &[String]) {
    for name in untyped {
        for kind in [
            FieldType::Integer,
            FieldType::Decimal,
            FieldType::Text,
            FieldType::Date,
        ] {
            set_kind(&mut form.fields, name, kind);
            if !form.check().iter().any(|p| p.field == *name) {
                break;
            }
        }
    }
}

fn set_kind(fields: &mut [Field], name: &str, kind: FieldType) {
    for f in fields {
        if f.name == name {
            f.kind = kind;
        }
        set_kind(&mut f.fields, name, kind);
    }
}
