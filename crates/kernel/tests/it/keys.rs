//! Changing the keys while the installation works: nothing becomes unreadable,
//! every old value is sealed anew, and doing it twice changes nothing.

use crate::{PASSPHRASE, World};
use zf_kernel::Permission;
use zf_kernel::event::service::{Before, event_list};
use zf_kernel::keys::{keys_adopt, require_key, reseal_unit, rotate_keys};
use zf_kernel::staff::StaffInput;
use zf_kernel::staff::service::{staff_add, staff_fetch, staff_phone_clear};
use zf_kernel::user::service::totp_begin;
use zf_vault::Keyring;

#[tokio::test]
async fn after_a_change_of_keys_old_values_open_and_are_sealed_anew_once() {
    for w in World::all().await {
        let ctx = w.machine();
        let scope = w.scope(Permission::StaffWrite, &w.east);
        let input = StaffInput {
            staff_no: "S1".to_owned(),
            name: "S1".to_owned(),
            post: w.app.packs.posts()[0].code.clone(),
            phone: Some("13800001234".to_owned()),
            active: true,
        };
        let id = staff_add(&w.app, &ctx, &scope, &input).await.unwrap();
        let user = w.user("li", &w.east, "branch_head", &w.east).await;
        totp_begin(&w.app, &ctx, &user).await.unwrap();
        let phone = async || {
            let staff = staff_fetch(&w.app, &scope, id).await.unwrap();
            let key = Keyring::key_id_of(staff.phone_sealed.as_deref().unwrap());
            (key, staff_phone_clear(&w.app, &staff).unwrap())
        };
        let clear = Some("13800001234".to_owned());
        assert_eq!(phone().await, (Some(1), clear.clone()));

        let slip = rotate_keys(&w.app, &w.key_file, "another passphrase");
        assert!(slip.is_err());
        let file = rotate_keys(&w.app, &w.key_file, PASSPHRASE).unwrap();
        assert_eq!(
            w.app.vault.current_key_id(),
            1,
            "not used before it is on the disk"
        );
        let job = keys_adopt(&w.app, &ctx, &w.county, &file, PASSPHRASE).await;
        let job = job.unwrap().unwrap();
        assert_eq!(
            (job.kind.as_str(), w.app.vault.current_key_id()),
            ("keys.reseal", 2)
        );
        assert_eq!(phone().await, (Some(1), clear.clone()), "still readable");

        assert_eq!(reseal_unit(&w.app, &ctx, w.east.id).await.unwrap(), 2);
        assert_eq!(reseal_unit(&w.app, &ctx, w.east.id).await.unwrap(), 0);
        assert_eq!(phone().await, (Some(2), clear));
        let scope = w.scope(Permission::AuditRead, &w.east);
        let told = event_list(&w.app, &scope, "keys.reseal", Before::newest(), 9).await;
        assert_eq!(
            told.unwrap().len(),
            2,
            "once for telephones, once for second factors"
        );
    }
}

#[tokio::test]
async fn a_process_with_the_old_key_file_does_not_seal_anew() {
    for w in World::all().await {
        assert!(require_key(&w.app, 1).is_ok());
        assert!(require_key(&w.app, 2).is_err());
        let newer = rotate_keys(&w.app, &w.key_file, PASSPHRASE).unwrap();
        w.app.vault.on_unknown_key(std::sync::Arc::new(move || {
            Keyring::unlock(&newer, PASSPHRASE)
        }));
        assert!(require_key(&w.app, 2).is_ok(), "the file is read again");
    }
}
