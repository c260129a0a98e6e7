use super::*;

/// A small table of real names, in the layout of the build.
fn table() -> Divisions {
    let text = "四川省\n11=成都市\n24=锦江区\n317=书院街街道\t1=水井坊+\t崇德里+\n325=龙舟路街道\n134=凉山彝族自治州\n21=西昌市\n325=安宁镇\t201=马坪坝\t五堡\n324=大箐乡\t200=白庙\n228=普格县\n3100=普基镇\t201=新农\t月吾\t温\n3101=荞窝镇\t201=耿底\t云盘山+\n3200=五道箐镇\t200=采洛洛博";
    let pack = |t: &str| {
        use flate2::{Compression, write::DeflateEncoder};
        use std::io::Write;
        let bytes: Vec<u8> = t.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut e = DeflateEncoder::new(Vec::new(), Compression::best());
        e.write_all(&bytes).unwrap();
        e.finish().unwrap()
    };
    let other = pack("贵州省\n105=毕节市\n222=大方县\n3100=黄泥塘镇\t200=大河\t三合");
    let sichuan = pack(text);
    let mut bytes = b"ZFDV1\n\x02".to_vec();
    for (code, p) in [(51_u8, &sichuan), (52, &other)] {
        bytes.push(code);
        bytes.extend((p.len() as u32).to_le_bytes());
    }
    bytes.extend(sichuan);
    bytes.extend(other);
    Divisions::from_bytes(&bytes, &[]).unwrap()
}

/// province/city/county/township/village/group/road/house/rest, `·` for none.
fn show(p: &Parsed) -> String {
    let name = |p: &Option<Part>| p.as_ref().map_or("·".to_owned(), |p| p.name.clone());
    let parts = [&p.province, &p.city, &p.county, &p.township, &p.village].map(name);
    let group = p.group.as_ref().map_or("·".to_owned(), ToString::to_string);
    let house = p.house.clone().unwrap_or("·".to_owned());
    format!("{}/{group}/{}/{house}/{}", parts.join("/"), p.road, p.rest)
}

const PUGE: Hint = Hint {
    county: Some(513_428),
};

#[test]
fn the_table_keeps_names_and_codes() {
    let t = table();
    assert_eq!((t.province_count(), t.village_count()), (2, 13));
    assert_eq!(
        t.counties().iter().copied().collect::<Vec<_>>(),
        [510_104, 513_401, 513_428, 520_522]
    );
    let p = parse(Some(&t), &PUGE, "普基镇月吾村");
    assert_eq!(p.village.unwrap().code, Some(513_428_100_202));
}

#[test]
fn a_county_is_known_by_its_name_below_a_city_that_fits() {
    let t = table();
    for (city, county, code) in [
        ("", "普格支行", Some(513_428)),
        ("凉山州分行", "普格县支行", Some(513_428)),
        ("川南片区", "普格支行", Some(513_428)),
        // The city is one of the table, and another one.
        ("成都分行", "普格支行", None),
        // A city that the table does not have has no county of it either.
        ("明川市局", "普格县局", None),
        ("", "支行营业部", None),
    ] {
        assert_eq!(t.county_named(city, county), code, "{city} {county}");
    }
}

#[test]
fn whole_addresses_and_short_ones_are_the_same_place() {
    let t = table();
    let whole = "四川省/凉山彝族自治州/普格县/普基镇/新农村/12组//8号/";
    for text in [
        "四川省凉山彝族自治州普格县普基镇新农村12组8号",
        "四川凉山州普格县普基镇新农村十二组8号",
        "四川省 凉山彝族自治州 普格县 普基镇 新农村村委会 第十二村民小组 8号",
        "川凉山州普格县普基镇新农村１２组８号",
        "普格县普基镇新农村12社8号",
        "普格普基新农12组8号",
        "普基镇新农村委会12组8号",
        "普基乡新农村12队八号",
        "新农村12组8号",
        "凉山普基镇新农村，12组，8号",
    ] {
        assert_eq!(show(&parse(Some(&t), &PUGE, text)), whole, "{text}");
    }
}

#[test]
fn a_hint_decides_only_what_the_text_leaves_open() {
    let t = table();
    let p = parse(Some(&t), &PUGE, "贵州省毕节市大方县黄泥塘镇大河村三组");
    assert_eq!(show(&p), "贵州省/毕节市/大方县/黄泥塘镇/大河村/3组//·/");
    assert_eq!(p.notes, [Note::OtherCounty]);
    let p = parse(Some(&t), &Hint::default(), "黔大方县黄泥塘镇三合村");
    assert_eq!(show(&p), "贵州省/毕节市/大方县/黄泥塘镇/三合村/·//·/");
    assert!(p.notes.is_empty());
    let p = parse(
        Some(&t),
        &Hint {
            county: Some(519_999),
        },
        "大河村三组",
    );
    assert_eq!(show(&p), "·/·/·/·/大河村/3组//·/");
    assert_eq!(p.notes, [Note::UnknownCounty]);
}

#[test]
fn names_the_table_does_not_have_are_read_by_their_endings() {
    let t = table();
    let p = parse(Some(&t), &PUGE, "普格县普基镇响水沟村2组");
    assert_eq!(
        show(&p),
        "四川省/凉山彝族自治州/普格县/普基镇/响水沟村/2组//·/"
    );
    let p = parse(Some(&t), &PUGE, "清水县白驼镇申川村一组");
    assert_eq!(show(&p), "·/·/清水县/白驼镇/申川村/1组//·/");
    let p = parse(Some(&t), &PUGE, "河坝镇新农村1组");
    assert_eq!(
        show(&p),
        "四川省/凉山彝族自治州/普格县/河坝镇/新农村/1组//·/"
    );
}

#[test]
fn cities_have_communities_roads_and_houses() {
    let t = table();
    let hint = Hint {
        county: Some(510_104),
    };
    let p = parse(
        Some(&t),
        &hint,
        "成都市锦江区书院街街道水井坊社区水井街77号附3号2栋1单元",
    );
    assert_eq!(
        show(&p),
        "四川省/成都市/锦江区/书院街街道/水井坊社区/·/水井街/77号/附3号2栋1单元"
    );
    let p = parse(Some(&t), &Hint::default(), "蓉锦江区龙舟路街道龙舟路12-1号");
    assert_eq!(
        show(&p),
        "四川省/成都市/锦江区/龙舟路街道/·/·/龙舟路/12-1号/"
    );
}

#[test]
fn without_a_table_the_shape_is_read() {
    for (text, parts) in [
        (
            "贵州省毕节市七星关区清水铺镇橙满园村三组12号",
            "贵州省/毕节市/七星关区/清水铺镇/橙满园村/3组//12号/",
        ),
        (
            "清水铺镇橙满园社区河坝组",
            "·/·/·/清水铺镇/橙满园社区/河坝组//·/",
        ),
        (
            "新乡市辉县市孟庄镇南李庄村",
            "·/新乡市/辉县市/孟庄镇/南李庄村/·//·/",
        ),
        (
            "镇雄县泼机镇老包寨村大屯",
            "·/·/镇雄县/泼机镇/老包寨村/大屯//·/",
        ),
        (
            "北京市海淀区中关村街道中关村大街27号",
            "北京市/·/海淀区/中关村街道/·/·/中关村大街/27号/",
        ),
        ("大河村", "·/·/·/·/大河村/·//·/"),
        ("三社", "·/·/·/·/·/3组//·/"),
        ("幸福小区3栋", "·/·/·/·/·/·//·/幸福小区3栋"),
        ("无", "·/·/·/·/·/·//·/"),
        ("", "·/·/·/·/·/·//·/"),
    ] {
        assert_eq!(show(&parse(None, &Hint::default(), text)), parts, "{text}");
    }
}

#[test]
fn groups_meet_in_one_key() {
    for text in [
        "三组",
        "3组",
        "３社",
        "第三村民小组",
        "三队",
        "3",
        "第3生产队",
        "叁组",
    ] {
        assert_eq!(group_key(text), Some(GroupKey::Number(3)), "{text}");
    }
    for (text, n) in [
        ("十组", 10),
        ("十二组", 12),
        ("二十一组", 21),
        ("廿一组", 21),
        ("一百零三组", 103),
        ("一二组", 12),
    ] {
        assert_eq!(group_key(text), Some(GroupKey::Number(n)), "{text}");
    }
    assert_eq!(group_key("河坝组"), group_key("河坝"));
    assert_eq!(group_key("大屯组"), group_key("大屯"));
    assert_eq!(group_key(" "), None);
    // 供销社 and 社区 are no groups.
    assert_eq!(
        group_key("供销社"),
        Some(GroupKey::Name("供销社".to_owned()))
    );
}

#[test]
fn a_damaged_table_is_refused() {
    assert_eq!(
        Divisions::from_bytes(b"", &[]).unwrap_err(),
        DivisionsError::Format
    );
    assert_eq!(
        Divisions::from_bytes(b"ZFDV1\n\x01", &[]).unwrap_err(),
        DivisionsError::Format
    );
    let cut = b"ZFDV1\n\x01\x33\x02\x00\x00\x00\xff\xff";
    assert_eq!(
        Divisions::from_bytes(cut, &[]).unwrap_err(),
        DivisionsError::Damaged(51)
    );
    assert_eq!(
        Divisions::from_bytes(cut, &[52]).unwrap().province_count(),
        0
    );
}

#[test]
fn debug_output_holds_no_address() {
    let p = parse(Some(&table()), &PUGE, "普基镇新农村12组8号");
    assert_eq!(
        format!("{p:?} {:?}", p.village),
        "Parsed(..) Some(Part(..))"
    );
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const PIECES: &str = "四川省|凉山州|普格县|普基镇|普基|新农村|新农|温村|大河|一|二|十|12|3|组|社|区|队|屯|镇|乡|村|街道|路|号|附|-|第|市|县|省|成都|锦江区|社区|居委会|河坝|A|，| |州|小|栋";

    fn texts() -> impl Strategy<Value = String> {
        let pieces: Vec<&'static str> = PIECES.split('|').collect();
        prop::collection::vec(prop::sample::select(pieces), 0..9).prop_map(|v| v.concat())
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,40}", table_too: bool) {
            let t = table();
            parse(table_too.then_some(&t), &PUGE, &text);
            group_key(&text);
            village_core(&text);
        }

        #[test]
        fn no_bytes_make_the_table_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut all = b"ZFDV1\n".to_vec();
            all.extend(&bytes);
            prop_assert!(Divisions::from_bytes(&bytes, &[]).is_err());
            let _ = Divisions::from_bytes(&all, &[]);
        }

        #[test]
        fn nothing_that_was_typed_gets_lost(text in texts()) {
            // Without a table every character of the text is in some part, but for numbers in words.
            let p = parse(None, &Hint::default(), &text);
            let digits = |t: &str| t.chars().filter(|c| "省市县镇乡村街道路区".contains(*c)).count();
            prop_assert!(digits(&p.format()) >= digits(&text), "{text} {}", p.format());
        }

        #[test]
        fn an_address_in_one_writing_stays_in_it(text in texts(), table_too: bool) {
            let t = table();
            let t = table_too.then_some(&t);
            let mut once = parse(t, &PUGE, &text).format();
            // A guess may need a second look; then it stands still.
            once = parse(t, &PUGE, &once).format();
            let twice = parse(t, &PUGE, &once).format();
            prop_assert_eq!(once, twice);
        }
    }
}
