//! Canonical JSON (RFC 8785) of values without fractions.
//!
//! A manifest holds whole numbers and texts only, so the one hard part of the RFC, the shortest form of a
//! double, never comes up; a fraction is refused rather than written in a form of our own.

use serde_json::Value;

/// Largest integer that every JSON reader keeps exactly.
const MAX_INTEGER: u64 = 1 << 53;

/// The canonical bytes; `None` when the value holds a fraction or an integer beyond 2^53.
#[must_use]
pub fn to_bytes(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => {
            let number = number.as_i64().filter(|number| number.unsigned_abs() <= MAX_INTEGER)?;
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => quote(text, out)?,
        Value::Array(values) => {
            out.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(value, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // By UTF-16 code units, as the RFC sorts.
            members.sort_by_cached_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
            out.push(b'{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                quote(name, out)?;
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

/// `serde_json` escapes exactly what the RFC asks for: quote, backslash, control characters, in its short forms.
fn quote(text: &str, out: &mut Vec<u8>) -> Option<()> {
    serde_json::to_writer(out, text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    /// The sorting example of RFC 8785, 3.2.3, and the text of its 3.2.2.
    #[test]
    fn members_and_texts_are_those_of_the_rfc() {
        let input = r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"}"#;
        let value: Value = serde_json::from_str(input).unwrap();
        let text = String::from_utf8(to_bytes(&value).unwrap()).unwrap();
        let order = [r#""\r""#, r#""1""#, "\"\u{80}\"", "\"ö\"", "\"€\"", "\"😀\"", "\"\u{fb33}\""];
        let places: Vec<usize> = order.iter().map(|name| text.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        let value: Value =
            serde_json::from_str(r#"["\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", null, true]"#).unwrap();
        let wanted = r#"["€$\u000f\nA'B\"\\\\\"/",null,true]"#;
        assert_eq!(to_bytes(&value).unwrap(), wanted.as_bytes());
    }

    #[test]
    fn fractions_are_refused() {
        assert_eq!(to_bytes(&serde_json::json!({"a": 0.5})), None);
        assert_eq!(to_bytes(&serde_json::json!(1_u64 << 54)), None);
        assert_eq!(to_bytes(&serde_json::json!([-3, 0])).unwrap(), b"[-3,0]");
    }
}
