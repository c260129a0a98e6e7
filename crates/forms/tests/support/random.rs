//! Random forms with random answers from a seed, for the comparison of the two
//! engines. Expressions are built by type, so that most forms pass the check;
//! answers are mostly of the right type, sometimes of a wrong one. Uses its own
//! small generator (SplitMix64): a seed gives the same lines everywhere.

#![allow(clippy::unwrap_used, dead_code)]

use serde_json::{Map, Value as Json, json};
use zf_forms::Form;

const TODAY: &str = "2026-11-21";
const OPTIONS: [&str; 4] = ["a", "b", "c", "deposit"];
const TEXTS: [&str; 8] = ["", " ", "a", "王建国", "𠮷野", "13812345678", "1.5", "42"];
const DAYS: [&str; 5] = [
    "2026-11-21",
    "2026-11-22",
    "1990-11-22",
    "2004-02-29",
    "1950-01-01",
];
const PATTERNS: [&str; 5] = [
    "^1[3-9][0-9]{9}$",
    "^.{2,3}$",
    "a|b",
    "^\\\\d+$",
    "^[一-龥]+$",
];

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

/// Fields that an expression may read: name and type; rows with their columns.
#[derive(Clone, Default)]
struct Seen {
    fields: Vec<(String, &'static str)>,
    rows: Vec<(String, Vec<(String, &'static str)>)>,
}

impl Seen {
    fn of(&self, dice: &mut Dice, kinds: &[&str]) -> Option<String> {
        let fit: Vec<&String> = self
            .fields
            .iter()
            .filter(|(_, kind)| kinds.contains(kind))
            .map(|(name, _)| name)
            .collect();
        if fit.is_empty() {
            return None;
        }
        Some(fit[dice.below(fit.len())].clone())
    }
}

fn truth(dice: &mut Dice, seen: &Seen, deep: usize) -> String {
    if deep == 0 || dice.one_in(4) {
        return leaf_truth(dice, seen);
    }
    let d = deep - 1;
    match dice.below(9) {
        0 => format!("({} && {})", truth(dice, seen, d), truth(dice, seen, d)),
        1 => format!("({} || {})", truth(dice, seen, d), truth(dice, seen, d)),
        2 => format!("!({})", truth(dice, seen, d)),
        3 => format!(
            "({} ? {} : {})",
            truth(dice, seen, d),
            truth(dice, seen, d),
            truth(dice, seen, d)
        ),
        4 => over_rows(dice, seen, d),
        5 => match seen.of(dice, &["many", "photo"]) {
            Some(list) => {
                let quantifier = dice.pick(&["all", "exists", "exists_one"]);
                let option = dice.pick(&OPTIONS);
                format!("{list}.{quantifier}(i, i != '{option}')")
            }
            None => "true".to_owned(),
        },
        6 => {
            let operator = dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
            format!(
                "{} {operator} {}",
                whole(dice, seen, d),
                whole(dice, seen, d)
            )
        }
        7 => {
            let operator = dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
            format!("{} {operator} {}", text(dice, seen, d), text(dice, seen, d))
        }
        _ => leaf_truth(dice, seen),
    }
}

fn leaf_truth(dice: &mut Dice, seen: &Seen) -> String {
    let any = [
        "one",
        "many",
        "text",
        "integer",
        "decimal",
        "money",
        "date",
        "time",
        "photo",
        "location",
        "customer",
        "signature",
    ];
    let operator = dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
    let made = match dice.below(9) {
        0 | 1 => seen.of(dice, &any).map(|name| format!("answered({name})")),
        2 => seen
            .of(dice, &["one"])
            .map(|name| format!("{name} in ['a', 'deposit']")),
        3 => seen
            .of(dice, &["many"])
            .map(|name| format!("'{}' in {name}", dice.pick(&OPTIONS))),
        4 => seen
            .of(dice, &["text", "customer"])
            .map(|name| format!("{name}.matches('{}')", dice.pick(&PATTERNS))),
        5 => seen
            .of(dice, &["date"])
            .map(|name| format!("{name} {operator} today()")),
        6 => seen
            .of(dice, &["decimal"])
            .map(|name| format!("{name} {operator} {}.5", dice.below(4))),
        7 => seen.of(dice, &["text"]).map(|name| {
            format!(
                "{name}.{}('王')",
                dice.pick(&["startsWith", "endsWith", "contains"])
            )
        }),
        _ => seen.of(dice, &["location"]),
    };
    made.unwrap_or_else(|| dice.pick(&["true", "false"]).to_owned())
}

fn over_rows(dice: &mut Dice, seen: &Seen, deep: usize) -> String {
    if seen.rows.is_empty() {
        return leaf_truth(dice, seen);
    }
    let (name, columns) = seen.rows[dice.below(seen.rows.len())].clone();
    let inner = Seen {
        fields: columns
            .iter()
            .map(|(n, kind)| (format!("m.{n}"), *kind))
            .collect(),
        rows: vec![],
    };
    let quantifier = dice.pick(&["all", "exists", "exists_one"]);
    format!("{name}.{quantifier}(m, {})", truth(dice, &inner, deep))
}

fn whole(dice: &mut Dice, seen: &Seen, deep: usize) -> String {
    let d = deep.saturating_sub(1);
    let small = (dice.below(9) as i64 - 2).to_string();
    if deep > 0 && dice.one_in(3) {
        let operator = dice.pick(&["+", "-", "*", "/", "%"]);
        return format!(
            "({} {operator} {})",
            whole(dice, seen, d),
            whole(dice, seen, d)
        );
    }
    match dice.below(7) {
        0 | 1 => seen.of(dice, &["integer", "money"]).unwrap_or(small),
        2 => seen
            .of(dice, &["many", "text", "photo"])
            .map_or(small, |name| format!("size({name})")),
        3 => seen
            .of(dice, &["date"])
            .map_or(small, |name| format!("years({name})")),
        4 if deep > 0 => format!(
            "({} ? {} : {})",
            truth(dice, seen, d),
            whole(dice, seen, d),
            whole(dice, seen, d)
        ),
        5 if !seen.rows.is_empty() => {
            let (name, columns) = seen.rows[dice.below(seen.rows.len())].clone();
            let column = &columns[dice.below(columns.len())].0;
            format!("size({name}.filter(m, has(m.{column})))")
        }
        6 => seen
            .of(dice, &["text"])
            .map_or(small, |name| format!("int({name})")),
        _ => small,
    }
}

fn text(dice: &mut Dice, seen: &Seen, deep: usize) -> String {
    let plain = format!("'{}'", dice.pick(&["", "a", "王", "deposit", "b"]));
    match dice.below(5) {
        0 | 1 => seen.of(dice, &["text", "one", "time"]).unwrap_or(plain),
        2 if deep > 0 => format!("({} + {})", text(dice, seen, deep - 1), plain),
        3 if deep > 0 => format!("string({})", whole(dice, seen, deep - 1)),
        _ => plain,
    }
}

const KINDS: [&str; 13] = [
    "one",
    "many",
    "text",
    "integer",
    "decimal",
    "money",
    "date",
    "time",
    "photo",
    "location",
    "customer",
    "signature",
    "note",
];

/// One asked or calculated field; what it may read is what came before.
fn field(dice: &mut Dice, name: &str, seen: &mut Seen) -> Json {
    let kind = KINDS[dice.below(KINDS.len())];
    let mut f = Map::new();
    f.insert("name".to_owned(), json!(name));
    f.insert("type".to_owned(), json!(kind));
    if kind == "one" || kind == "many" {
        let option = |(i, o): (usize, &&str)| match i % 2 {
            0 => json!(o),
            _ => json!({"value": o, "label": o, "score": i as i64 * 3 - 4}),
        };
        let options: Vec<Json> = OPTIONS.iter().enumerate().map(option).collect();
        f.insert("options".to_owned(), json!(options));
    }
    if dice.one_in(2) {
        f.insert("relevant".to_owned(), json!(truth(dice, seen, 2)));
    }
    let calculated = match kind {
        "integer" | "money" if dice.one_in(2) => Some(whole(dice, seen, 3)),
        "text" if dice.one_in(3) => Some(text(dice, seen, 2)),
        "decimal" if dice.one_in(3) => Some(whole(dice, seen, 2)),
        _ => None,
    };
    if let Some(calculate) = calculated {
        f.insert("calculate".to_owned(), json!(calculate));
    }
    if kind == "note" {
        return Json::Object(f);
    }
    if dice.one_in(3) {
        let required = if dice.one_in(2) {
            "true".to_owned()
        } else {
            truth(dice, seen, 1)
        };
        f.insert("required".to_owned(), json!(required));
    }
    seen.fields.push((name.to_owned(), kind));
    if dice.one_in(2) {
        f.insert("constraint".to_owned(), json!(truth(dice, seen, 3)));
        f.insert("message".to_owned(), json!(format!("{name} 不对")));
    }
    if dice.one_in(5) {
        f.insert("score".to_owned(), json!(whole(dice, seen, 1)));
    }
    Json::Object(f)
}

/// A form that passes the check, with 3 to 9 fields, groups and rows among them.
pub fn form(dice: &mut Dice) -> Form {
    loop {
        let mut seen = Seen::default();
        let mut fields = Vec::new();
        for i in 0..3 + dice.below(7) {
            let name = format!("f{i}");
            fields.push(match dice.below(6) {
                0 => rows(dice, &name, &mut seen),
                1 => {
                    let relevant = truth(dice, &seen, 1);
                    let inner: Vec<Json> = (0..1 + dice.below(2))
                        .map(|k| field(dice, &format!("{name}g{k}"), &mut seen))
                        .collect();
                    json!({"name": name, "type": "group", "relevant": relevant, "fields": inner})
                }
                _ => field(dice, &name, &mut seen),
            });
        }
        if dice.one_in(3) {
            let calculate = whole(dice, &seen, 2);
            fields.push(json!({"name": "score", "type": "integer", "calculate": calculate}));
        }
        let json = json!({"id": "f", "version": 1, "fields": fields});
        let form: Form = serde_json::from_value(json).unwrap();
        if form.check().is_empty() {
            return form;
        }
    }
}

fn rows(dice: &mut Dice, name: &str, seen: &mut Seen) -> Json {
    let mut inside = seen.clone();
    inside.rows.clear();
    let before = inside.fields.len();
    let fields: Vec<Json> = (0..1 + dice.below(3))
        .map(|k| field(dice, &format!("{name}r{k}"), &mut inside))
        .collect();
    let columns = inside.fields[before..].to_vec();
    if !columns.is_empty() {
        seen.rows.push((name.to_owned(), columns));
    }
    json!({"name": name, "type": "repeat", "fields": fields})
}

fn answers(dice: &mut Dice, fields: &[zf_forms::Field]) -> Map<String, Json> {
    let mut out = Map::new();
    for f in fields {
        let kind = serde_json::to_value(f.kind).unwrap();
        let kind = kind.as_str().unwrap();
        if kind == "group" {
            out.append(&mut answers(dice, &f.fields));
            continue;
        }
        if dice.one_in(4) || (f.calculate.is_some() && !dice.one_in(8)) {
            continue;
        }
        let kind = if dice.one_in(15) {
            KINDS[dice.below(12)]
        } else {
            kind
        };
        out.insert(f.name.clone(), answer(dice, kind, f));
    }
    if dice.one_in(20) {
        out.insert("stranger".to_owned(), json!(1));
    }
    out
}

fn answer(dice: &mut Dice, kind: &str, f: &zf_forms::Field) -> Json {
    match kind {
        "one" => json!(dice.pick(&["a", "b", "c", "deposit", "", "zz"])),
        "many" => {
            let chosen: Vec<&str> = OPTIONS.into_iter().filter(|_| dice.one_in(2)).collect();
            json!(chosen)
        }
        "integer" | "money" => match dice.below(8) {
            0 => json!(0.5),
            1 => json!(2_000_000_000_000_i64),
            _ => json!(dice.below(9) as i64 - 3),
        },
        "decimal" => json!(dice.below(20) as f64 / 4.0 - 1.0),
        "date" => json!(dice.pick(&[DAYS[0], DAYS[1], DAYS[2], DAYS[3], DAYS[4], "", "2026-2-3"])),
        "time" => json!(dice.pick(&["08:00", "18:30", "", "8:0", "24:00"])),
        "photo" => match dice.below(3) {
            0 => json!("p1"),
            1 => json!(["p1", "p2"]),
            _ => json!([]),
        },
        "location" => json!({"lat": 30.0 + dice.below(2) as f64 * 70.0, "lon": 114.5}),
        "repeat" => {
            let rows: Vec<Json> = (0..dice.below(4))
                .map(|_| Json::Object(answers(dice, &f.fields)))
                .collect();
            json!(rows)
        }
        "note" => Json::Null,
        _ => json!(dice.pick(&TEXTS)),
    }
}

/// One line: a form, answers, and the judgement of this engine.
pub fn line(seed: u64, number: u64) -> String {
    let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let form = form(&mut dice);
    let answers = answers(&mut dice, &form.fields);
    let judged = form
        .compile()
        .unwrap()
        .evaluate(&answers, TODAY.parse().unwrap());
    let faults: Vec<String> = judged
        .faults
        .iter()
        .map(|f| format!("{} {}", f.field, f.rule))
        .collect();
    let mut result = serde_json::to_value(&judged).unwrap();
    result["faults"] = json!(faults);
    result["accepted"] = json!(judged.accepted);
    json!({"form": form, "answers": answers, "today": TODAY, "result": result}).to_string()
}
