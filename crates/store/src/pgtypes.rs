//! PostgreSQL's binary formats of the types we use, both ways: parameters and
//! rows of COPY out, columns of results in. Binding is strict: a text is not
//! taken for a time or a UUID, as that would work on SQLite only. Knows bytes
//! and types, no connection; errors name the kinds, never the values.

use crate::error::StoreError;
use crate::value::Value;
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use zf_base::Uuid;

/// 2000-01-01, where PostgreSQL counts from. Microseconds since 1970-01-01.
const PG_EPOCH: i64 = 946_684_800_000_000;

type Failure = Box<dyn Error + Sync + Send>;

fn failure(text: String) -> Failure {
    Box::new(StoreError::Bug(text))
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let wrong = || failure(format!("cannot bind {} as {ty}", self.kind()));
        match (self, ty) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Bool(b), &Type::BOOL) => out.put_u8(u8::from(*b)),
            (Value::Int(i), &Type::INT8) => out.put_i64(*i),
            (Value::Int(i), &Type::INT4) => out.put_i32(i32::try_from(*i).map_err(|_| wrong())?),
            (Value::Int(i), &Type::INT2) => out.put_i16(i16::try_from(*i).map_err(|_| wrong())?),
            (Value::Int(i), &Type::FLOAT8) => out.put_f64(*i as f64),
            (Value::Real(x), &Type::FLOAT8) => out.put_f64(*x),
            (Value::Text(t), &Type::TEXT | &Type::VARCHAR | &Type::NAME | &Type::UNKNOWN) => {
                out.put_slice(t.as_bytes());
            }
            (Value::Blob(b), &Type::BYTEA) => out.put_slice(b),
            (Value::Uuid(u), &Type::UUID) => out.put_slice(u.as_bytes()),
            (Value::Json(j), &Type::JSONB) => {
                out.put_u8(1); // version of the format
                serde_json::to_writer(out.writer(), j)?;
            }
            (Value::Time(us), &Type::TIMESTAMPTZ) => {
                out.put_i64(us.checked_sub(PG_EPOCH).ok_or_else(wrong)?);
            }
            _ => return Err(wrong()),
        }
        Ok(IsNull::No)
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

/// A value as it comes from PostgreSQL.
pub(crate) struct Raw(pub(crate) Value);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match decode(ty, raw) {
            Ok(value) => Ok(Raw(value)),
            Err(e) if e.is::<StoreError>() => Err(e),
            Err(_) => Err(failure(format!("cannot read a {ty}"))),
        }
    }
    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Raw(Value::Null))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

fn decode(ty: &Type, raw: &[u8]) -> Result<Value, Failure> {
    Ok(match *ty {
        Type::BOOL => Value::Bool(raw.first() == Some(&1)),
        Type::INT2 => Value::Int(i16::from_be_bytes(raw.try_into()?).into()),
        Type::INT4 => Value::Int(i32::from_be_bytes(raw.try_into()?).into()),
        Type::INT8 => Value::Int(i64::from_be_bytes(raw.try_into()?)),
        Type::FLOAT4 => Value::Real(f32::from_be_bytes(raw.try_into()?).into()),
        Type::FLOAT8 => Value::Real(f64::from_be_bytes(raw.try_into()?)),
        Type::NUMERIC => numeric(raw)?,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
            Value::Text(std::str::from_utf8(raw)?.to_owned())
        }
        Type::BYTEA => Value::Blob(raw.to_vec()),
        Type::UUID => Value::Uuid(Uuid::from_slice(raw)?),
        Type::JSONB => Value::Json(serde_json::from_slice(raw.get(1..).unwrap_or_default())?),
        Type::TIMESTAMPTZ => {
            let us = i64::from_be_bytes(raw.try_into()?);
            Value::Time(us.saturating_add(PG_EPOCH))
        }
        _ => return Err(failure(format!("a column of type {ty} is not supported"))),
    })
}

/// `SUM` of integers and `AVG` are NUMERIC in PostgreSQL, INTEGER and REAL in SQLite: a
/// whole number without decimals becomes an int, everything else a real.
fn numeric(raw: &[u8]) -> Result<Value, Failure> {
    let bad = || failure("a NUMERIC that is not a number".to_owned());
    let words: Vec<i16> = raw
        .chunks_exact(2)
        .map(|c| i16::from_be_bytes([c[0], c[1]]))
        .collect();
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return Err(bad());
    };
    if *count as usize != digits.len() || !matches!(*sign, 0 | 0x4000) {
        return Err(bad());
    }
    // Digits to base 10,000, the first one standing for 10,000^weight.
    if *scale == 0 {
        let mut whole: i128 = 0;
        for place in 0..=i32::from(*weight) {
            let digit = digits.get(place as usize).copied().unwrap_or(0);
            whole = whole * 10_000 + i128::from(digit);
            if whole > i128::from(i64::MAX) + 1 {
                return Err(failure("a whole number beyond 64 bits".to_owned()));
            }
        }
        let signed = if *sign == 0 { whole } else { -whole };
        let int = i64::try_from(signed);
        return int
            .map(Value::Int)
            .map_err(|_| failure("a whole number beyond 64 bits".to_owned()));
    }
    // Through decimal text, so that the nearest double comes out.
    let mut text = String::from(if *sign == 0 { "0" } else { "-0" });
    for digit in digits {
        text.push_str(&format!("{digit:04}"));
    }
    let exponent = 4 * (i32::from(*weight) - digits.len() as i32 + 1);
    let real: f64 = format!("{text}e{exponent}").parse().map_err(|_| bad())?;
    Ok(Value::Real(real))
}
