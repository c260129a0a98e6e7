//! Values that go into and come out of a statement. SQLite knows fewer types
//! than PostgreSQL, so reading is by the type the caller asks for: a UUID comes
//! back as 16 bytes, a time or a boolean as an integer, JSON as text. Binding
//! is strict. `Debug` shows the kind only, because values are personal data.

use crate::error::{Result, StoreError};
use std::fmt;
use std::str::FromStr;
use zf_base::{Day, Fen, IsoWeek, Timestamp, Uuid};

/// One value. `Real` must be finite, `Text` and `Json` must not contain U+0000:
/// one of the engines cannot store them, so both refuse.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `{bool}`.
    Bool(bool),
    /// `{int}`.
    Int(i64),
    /// `{real}`.
    Real(f64),
    /// `{text}` and `{day}`.
    Text(String),
    /// `{blob}`.
    Blob(Vec<u8>),
    /// `{uuid}`.
    Uuid(Uuid),
    /// `{json}`.
    Json(serde_json::Value),
    /// `{time}`: microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

impl Value {
    /// The kind of value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Real(_) => "real",
            Value::Text(_) => "text",
            Value::Blob(_) => "blob",
            Value::Uuid(_) => "uuid",
            Value::Json(_) => "json",
            Value::Time(_) => "time",
        }
    }

    /// Refuses what only one engine would take.
    fn check(&self) -> std::result::Result<(), &'static str> {
        match self {
            Value::Real(x) if !x.is_finite() => Err("is not a finite number"),
            Value::Text(t) if t.contains('\0') => Err("contains the character U+0000"),
            Value::Json(j) if json_has_nul(j) => Err("contains the character U+0000"),
            _ => Ok(()),
        }
    }
}

fn json_has_nul(j: &serde_json::Value) -> bool {
    match j {
        serde_json::Value::String(s) => s.contains('\0'),
        serde_json::Value::Array(a) => a.iter().any(json_has_nul),
        serde_json::Value::Object(o) => o.iter().any(|(k, v)| k.contains('\0') || json_has_nul(v)),
        _ => false,
    }
}

/// Refuses parameters that only one engine would take; `what` names the statement or table.
pub(crate) fn check_all(what: &str, values: &[Value]) -> Result<()> {
    for (i, v) in values.iter().enumerate() {
        v.check()
            .map_err(|e| StoreError::bug(format!("{what}: parameter {} {e}", i + 1)))?;
    }
    Ok(())
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

macro_rules! into_value {
    ($($t:ty => |$x:ident| $v:expr),* $(,)?) => { $(
        impl From<$t> for Value {
            fn from($x: $t) -> Self { $v }
        }
    )* };
}
into_value! {
    bool => |x| Value::Bool(x),
    i64 => |x| Value::Int(x),
    i32 => |x| Value::Int(x.into()),
    i16 => |x| Value::Int(x.into()),
    u32 => |x| Value::Int(x.into()),
    u16 => |x| Value::Int(x.into()),
    u8 => |x| Value::Int(x.into()),
    f64 => |x| Value::Real(x),
    &str => |x| Value::Text(x.to_owned()),
    &String => |x| Value::Text(x.clone()),
    String => |x| Value::Text(x),
    Vec<u8> => |x| Value::Blob(x),
    &[u8] => |x| Value::Blob(x.to_vec()),
    Uuid => |x| Value::Uuid(x),
    serde_json::Value => |x| Value::Json(x),
    Day => |x| Value::Text(x.to_string()),
    IsoWeek => |x| Value::Text(x.to_string()),
    Timestamp => |x| Value::Time(x.0),
    Fen => |x| Value::Int(x.0),
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(x: [u8; N]) -> Self {
        Value::Blob(x.to_vec())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(x: Option<T>) -> Self {
        x.map_or(Value::Null, Into::into)
    }
}

/// Reading a value as the type the program wants.
pub trait FromValue: Sized {
    /// The value as `Self`, or [`StoreError::Bug`] naming the kinds (never the content).
    fn from_value(value: &Value) -> Result<Self>;
}

fn wrong<T>(want: &str, found: &Value) -> Result<T> {
    Err(StoreError::bug(format!(
        "want {want}, found {}",
        found.kind()
    )))
}

impl FromValue for bool {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Bool(b) => Ok(*b),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            _ => wrong("bool", v),
        }
    }
}
impl FromValue for i64 {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Int(i) => Ok(*i),
            _ => wrong("int", v),
        }
    }
}
macro_rules! narrow {
    ($($t:ty),*) => { $(
        impl FromValue for $t {
            fn from_value(v: &Value) -> Result<Self> {
                <$t>::try_from(i64::from_value(v)?)
                    .map_err(|_| StoreError::bug(concat!("int out of range of ", stringify!($t))))
            }
        }
    )* };
}
narrow!(i32, i16, u32, u16, u8);
impl FromValue for f64 {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Real(x) => Ok(*x),
            Value::Int(i) => Ok(*i as f64),
            _ => wrong("real", v),
        }
    }
}
impl FromValue for String {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Text(t) => Ok(t.clone()),
            _ => wrong("text", v),
        }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Blob(b) => Ok(b.clone()),
            _ => wrong("blob", v),
        }
    }
}
impl FromValue for Uuid {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Uuid(u) => Ok(*u),
            Value::Blob(b) => {
                Uuid::from_slice(b).map_err(|_| StoreError::bug("want uuid, found other bytes"))
            }
            _ => wrong("uuid", v),
        }
    }
}
impl FromValue for serde_json::Value {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Json(j) => Ok(j.clone()),
            Value::Text(t) => serde_json::from_str(t)
                .map_err(|_| StoreError::bug("want json, found another text")),
            _ => wrong("json", v),
        }
    }
}
impl FromValue for Timestamp {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Time(us) | Value::Int(us) => Ok(Timestamp(*us)),
            _ => wrong("time", v),
        }
    }
}
impl FromValue for Fen {
    fn from_value(v: &Value) -> Result<Self> {
        i64::from_value(v).map(Fen)
    }
}
fn parsed<T: FromStr>(v: &Value, want: &str) -> Result<T> {
    let Value::Text(t) = v else {
        return wrong(want, v);
    };
    t.parse()
        .map_err(|_| StoreError::bug(format!("want {want}, found another text")))
}
impl FromValue for Day {
    fn from_value(v: &Value) -> Result<Self> {
        parsed(v, "day")
    }
}
impl FromValue for IsoWeek {
    fn from_value(v: &Value) -> Result<Self> {
        parsed(v, "week")
    }
}
impl FromValue for Value {
    fn from_value(v: &Value) -> Result<Self> {
        Ok(v.clone())
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(v: &Value) -> Result<Self> {
        match v {
            Value::Null => Ok(None),
            _ => T::from_value(v).map(Some),
        }
    }
}

macro_rules! id_values {
    ($($id:ident),* $(,)?) => { $(
        impl From<zf_base::$id> for Value {
            fn from(id: zf_base::$id) -> Self { Value::Uuid(id.uuid()) }
        }
        impl FromValue for zf_base::$id {
            fn from_value(v: &Value) -> Result<Self> { Uuid::from_value(v).map(zf_base::$id) }
        }
    )* };
}
id_values!(
    SourceId,
    BasisId,
    ConsentId,
    RequestId,
    ExportId,
    ProposalId,
    DuplicateId,
    MergeId,
    TransferId,
    VisitId,
    DeviceId,
    OpId,
    ReviewId,
    UnitId,
    StaffId,
    UserId,
    SessionId,
    CustomerId,
    HouseholdId,
    VillageGroupId,
    ProgramId,
    TargetId,
    WeekPlanId,
    RouteId,
    StopId,
    TeamId,
    JobId,
    ImportId,
    EventId,
);

/// One row of a result, columns by position as the statement lists them.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Column `i` (from 0) as `T`; [`StoreError::Bug`] when it is something else.
    pub fn get<T: FromValue>(&self, i: usize) -> Result<T> {
        let value = self.0.get(i).ok_or_else(|| {
            StoreError::bug(format!("column {i} of a row of {} columns", self.0.len()))
        })?;
        T::from_value(value).map_err(|e| match e {
            StoreError::Bug(text) => StoreError::Bug(format!("column {i}: {text}")),
            other => other,
        })
    }
    /// How many columns the row has.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether the row has no columns at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The values themselves, in column order.
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }
}
