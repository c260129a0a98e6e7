//! What a new installation brings as data: the names of the levels and the
//! posts. Expected names are typed in from the two vocabularies of the sources;
//! nothing here reads the preset files. Roles are tried in `scope` and by the
//! permission sweep.

use crate::World;
use zf_kernel::setting::{level_name_preset, level_names, setting_write};
use zf_kernel::unit::Level::{self, Branch, City, County, Head, Province};

/// ERR-062: one tree, two vocabularies.
const LEVELS: [(Level, &str, &str); 5] = [
    (Head, "总行", "省局"),
    (Province, "省分行", "省局"),
    (City, "分行", "市局"),
    (County, "支行", "县局"),
    (Branch, "网点", "支局"),
];

#[test]
fn every_level_has_a_name_in_the_words_of_the_bank_and_of_the_post_office() {
    let (bank, post) = (
        level_name_preset("bank").unwrap(),
        level_name_preset("post").unwrap(),
    );
    for (level, of_bank, of_post) in LEVELS {
        assert_eq!((&*bank[&level], &*post[&level]), (of_bank, of_post));
    }
    assert_eq!((bank.len(), post.len()), (5, 5));
    let other = level_name_preset("railway").map(|_| ());
    assert_eq!(other.unwrap_err().code(), Some("input.invalid"));
}

#[tokio::test]
async fn the_names_of_the_levels_are_those_the_installation_chose() {
    for w in World::all().await {
        let named = async || level_names(&w.app).await.unwrap()[&County].clone();
        let set = async |names: serde_json::Value| {
            setting_write(&w.app, &w.machine(), &w.county, "names.levels", names)
                .await
                .unwrap();
        };
        assert_eq!(named().await, "支行");
        set("post".into()).await;
        assert_eq!(named().await, "县局");
        set(serde_json::json!({ "county": "县联社" })).await;
        assert_eq!(named().await, "县联社");
    }
}

/// ORG-009…016 and 024: who takes part; ORG-030: the standard posts of a branch.
const POSTS: [(&str, &str); 11] = [
    ("branch_head", "支局长"),
    ("teller", "营业员"),
    ("wealth_manager", "理财经理"),
    ("postman", "投递员"),
    ("power_area_worker", "台区员（外部）"),
    ("liaison", "包点人员"),
    ("account_manager", "客户经理"),
    ("director", "局长"),
    ("deputy_director", "主管局长"),
    ("coordinator", "区域协调人"),
    ("lobby_manager", "大堂经理"),
];

#[tokio::test]
async fn the_posts_of_the_campaign_and_of_a_standard_branch_are_there() {
    for w in World::all().await {
        for (code, name) in POSTS {
            let post = w.app.packs.post(code).map(|p| p.name.zh.as_str());
            assert_eq!(post, Some(name), "{code}");
        }
        assert!(w.app.packs.post("astronaut").is_none());
    }
}

/// ORG-029: the posts the transformation plan adds.
const NEW_POSTS: [&str; 6] = [
    "银发服务专员",
    "智能设备引导员",
    "线上服务引导员",
    "普惠服务专员",
    "移动金融服务专员",
    "农业金融背景专员",
];

#[tokio::test]
async fn the_six_new_posts_of_the_branch_programme_are_there() {
    for w in World::all().await {
        for name in NEW_POSTS {
            let found = w.app.packs.posts().iter().filter(|p| p.name.zh == name);
            assert_eq!(found.count(), 1, "{name}");
        }
        // ERR-015: the sources call the liaison 包点人员 and 挂点人员.
        let liaison = w.app.packs.post("liaison").unwrap();
        assert!(liaison.aliases.iter().any(|a| a == "挂点人员"));
    }
}
