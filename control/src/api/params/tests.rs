use super::*;
use proptest::prelude::*;
use shapes::{Fault, Map, Member, Value};
use std::collections::BTreeMap;

fn code(form: &str) -> &'static str {
    Params::parse(form).map_or_else(|error| error.code(), |_| "fine")
}

#[test]
fn parameters_are_taken_by_place_and_what_is_left_is_unknown() {
    let mut params = Params::parse("L.2=b&L.10=j&L.1=a&S.1.A=1&S.1.B=2&S.2.A=3&A-1=x&A=y&A.b=z&A=last").unwrap();
    let list = params.items("L").unwrap().into_iter().map(|item| item.value.unwrap());
    assert_eq!(list.collect::<Vec<_>>(), ["a", "b", "j"]);
    let all = params.items("S").unwrap().into_iter().map(|mut item| ["A", "B"].map(|name| item.text(name)));
    assert_eq!(all.collect::<Vec<_>>(), [[Some("1".into()), Some("2".into())], [Some("3".into()), None]]);
    assert!(params.has("A") && params.has("A-1") && !params.has("L"));
    assert_eq!(params.raw("A").as_deref(), Some("last"));
    assert_eq!(params.raw("A"), None);
    assert_eq!(params.subtree("A").unwrap().text("b").as_deref(), Some("z"));
    assert!(matches!(params.nothing_left(), Err(Error::UnknownParameter { name }) if name == "A-1"));
}

proptest! {
    /// A value is found where a search from the beginning finds it.
    #[test]
    fn a_value_is_found_by_its_whole_name(
        sent in prop::collection::vec(("[ab]([.-][ab1]){0,3}", "[xy]{0,1}"), 0..12),
        name in "[ab]([.-][ab1]){0,3}",
    ) {
        let form: Vec<String> = sent.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let params = Params::parse(&form.join("&")).unwrap();
        for name in sent.iter().map(|(name, _)| name).chain([&name]) {
            let slow = sent.iter().rev().find(|(sent, _)| sent == name).map(|(_, value)| value.as_str());
            prop_assert_eq!(params.value(name), slow.filter(|value| !value.is_empty()));
        }
    }
}

#[test]
fn an_unknown_parameter_is_called_by_its_whole_name() {
    let read = |form: &str| {
        Params::parse(form).unwrap().items("S")?.into_iter().try_for_each(|mut item| {
            item.raw("A");
            item.nothing_left()
        })
    };
    let unknown = |form: &str| read(form).map_or_else(|error| error.to_string(), |()| String::new());
    assert_eq!(unknown("S.1.A=1&S.1.C.D=2"), "The parameter S.1.C.D is not recognized");
    assert_eq!(unknown("S.x.A=1"), "The parameter S.x.A is not recognized");
    assert_eq!(unknown("S=1"), "The parameter S is not recognized");
    assert_eq!(unknown("S=1&S.1.A=1"), "The parameter S.1.A is not recognized");
    assert_eq!(unknown("S="), "");
}

#[test]
fn there_is_an_end_to_parameters_names_and_values() {
    let many = |n: usize| (0..n).map(|n| format!("{n}=&")).collect::<String>();
    assert_eq!((code(&many(5000)), code(&many(5001))), ("fine", "InvalidQueryParameter"));
    let deep = |n: usize| vec!["1"; n].join(".");
    assert_eq!((code(&deep(12)), code(&deep(13))), ("fine", "UnknownParameter"));
    let name = |n: usize| "n".repeat(n);
    assert_eq!(
        (code(&name(255)), code(&name(256)), code(&name(1000))),
        ("fine", "UnknownParameter", "UnknownParameter")
    );
    let value = |n: usize| format!("n={}", "%41".repeat(n));
    assert_eq!((code(&value(32768)), code(&value(32769))), ("fine", "InvalidParameterValue"));
    assert_eq!(code(&format!("n={}", "v".repeat(100_000))), "InvalidParameterValue");
}

#[test]
fn what_xml_cannot_tell_again_is_refused_and_not_told() {
    let characters = ["%00", "%0B", "%1F", "\u{b}", "%EF%BF%BE", "%EF%BF%BF", "\u{fffe}", "\u{ffff}"];
    let not_utf_8 = ["%ff", "a%c3", "%ED%A0%80", "%F4%90%80%80"];
    for bad in characters.into_iter().chain(not_utf_8) {
        for form in [format!("Tag.1.Value={bad}"), format!("a{bad}b=1"), format!("x=1&{bad}")] {
            let error = Params::parse(&form).unwrap_err();
            assert_eq!(error.code(), "InvalidCharacter", "{form}");
            assert_eq!(not_in_xml(&error.to_string()), None, "{form}");
        }
    }
    for good in ["%09%0A%0D", "%7F", "%C2%85", "%EF%BF%BD", "%F0%9F%98%80", "\u{10ffff}", "+", "%25"] {
        assert_eq!(code(&format!("Tag.1.Value={good}")), "fine", "{good}");
    }
}

#[test]
fn a_digest_is_the_same_in_every_build() {
    let digest = |form: &str| Params::parse(form).unwrap().digest();
    assert_eq!(digest("MinCount=1&ImageId=ami-1&ClientToken=a"), 16_335_853_704_482_634_366);
    assert_eq!(digest("ImageId=ami-1&ClientToken=b&MinCount=1"), digest("MinCount=1&ImageId=ami-1"));
    let others = ["A=bc", "Ab=c", "A=b&c", "A=b", "A.b=c", "A.ClientToken=c", ""];
    let digests: std::collections::BTreeSet<u64> = others.into_iter().map(digest).collect();
    assert_eq!(digests.len(), others.len());
}

/// The slow and obvious way: every name and value as they were sent, the last of each name.
fn reference(form: &[(String, String)]) -> BTreeMap<String, String> {
    form.iter().cloned().collect()
}

/// Takes everything out, place by place, as actions do.
fn drain(params: &mut Params, into: &mut BTreeMap<String, String>) {
    if let Some(value) = params.value.take() {
        into.insert(params.path.clone(), value);
    }
    while let Some((name, _)) = params.below.first() {
        let part = params.part(name).to_owned();
        assert!(params.has(&part));
        drain(&mut params.subtree(&part).unwrap(), into);
        assert!(!params.has(&part));
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_is_found_at_its_place(form in prop::collection::vec(("[ab1+-]{0,2}([.][ab1-]{0,2}){0,3}", "[a-c&=%+.]{0,3}"), 0..20)) {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let mut params = Params::parse(&encoded).unwrap();
        let mut found = BTreeMap::new();
        drain(&mut params, &mut found);
        prop_assert_eq!(found, reference(&form));
    }
}

#[test]
fn a_map_is_read_by_its_entries() {
    let member = Member { name: "M", request: "M", request_item: "entry", ..Member::PLAIN };
    let read = |form: &str| {
        let (mut params, mut map) = (Params::parse(form).unwrap(), Map::<i32>::default());
        map.read(&member, &mut params).map(|()| map)
    };
    // The second key is `b.c`, whose dot is escaped in a name.
    assert_eq!(read("M.a=1&M.b%252Ec=2"), Ok([("a".to_owned(), 1), ("b.c".to_owned(), 2)].into_iter().collect()));
    assert_eq!(read("N=1"), Ok(Map::default()));
    assert_eq!(read("M.a.b=1"), Err(Fault::Unknown { name: "M.a.b".to_owned() }));
}
