//! ID numbers, phones and days as somebody writes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zf_base::identity::{IdCheck, IdRules, check_id_number};
use zf_base::phone::{PhoneCheck, check_phone};

fuzz_target!(|text: &str| {
    let Ok(today) = "2026-11-23".parse() else {
        return;
    };
    let rules = IdRules::on(today);
    if let IdCheck::Ok { normalised, .. } = check_id_number(text, rules) {
        assert!(matches!(check_id_number(&normalised, rules), IdCheck::Ok { normalised: n, .. } if n == normalised));
    }
    if let PhoneCheck::Ok { normalised, .. } = check_phone(text, true) {
        assert!(matches!(check_phone(&normalised, true), PhoneCheck::Ok { normalised: n, .. } if n == normalised));
    }
    let _ = text.parse::<zf_base::Day>();
});
