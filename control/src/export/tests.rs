use super::*;
use crate::compile::tests::{BEGINNING, events, happen};
use crate::import::{Export, File, import};
use proptest::prelude::*;

const NOW: Time = Time(1_420_632_000_000);

fn exported(model: &Model) -> Vec<File> {
    files(model, NOW).unwrap().into_iter().map(|(path, content)| File { path, content }).collect()
}

fn imported(files: &[File]) -> Model {
    let mut model = Model::new(7);
    import(&mut model, Export::of(files).unwrap(), NOW).unwrap();
    model
}

/// Without the moments at which things were imported.
fn rows(model: &Model) -> Vec<(String, String)> {
    let rows = model.to_rows().unwrap().into_iter();
    rows.map(|((collection, id), value)| (format!("{collection} {id}"), String::from_utf8(value).unwrap())).collect()
}

/// What nothing is left out of, and has an order.
fn kept(files: &[File]) -> Vec<&File> {
    let names = ["vpcs", "subnets", "security-group-rules", "network-acls", "internet-gateways"];
    let is_kept = |file: &&File| names.iter().any(|name| file.path.ends_with(format!("describe-{name}.json")));
    files.iter().filter(is_kept).collect()
}

#[test]
fn actions_are_called_as_the_command_line_calls_them() {
    assert_eq!(kebab("DescribeVpcClassicLink"), "describe-vpc-classic-link");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_imported_is_exported_and_imported_again(events in events(80)) {
        let mut model = Model::new(1);
        for event in BEGINNING.iter().chain(&events) {
            happen(&mut model, *event);
            model.take_changes();
        }
        model.hosts_arrive();
        let real = exported(&model);
        let first = imported(&real);
        let files = exported(&first);
        for (real, file) in kept(&real).iter().zip(kept(&files)) {
            prop_assert!(real == &file, "{}: {} {}", file.path.display(), real.content, file.content);
        }
        let second = imported(&files);
        prop_assert_eq!(rows(&first), rows(&second));
        prop_assert_eq!(files, exported(&second));
    }
}
