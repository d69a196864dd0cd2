//! A component imports and exports what its world lists: nothing less, nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use expect_test::expect_file;
use stocktake_tests::harness::artefacts::{COMPONENTS, component_file, parts_of, root};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

/// The order in which packages know each other.
const PACKAGES: [&str; 9] = [
    "wit/deps/io",
    "wit/deps/clocks",
    "wit/deps/random",
    "wit/deps/filesystem",
    "wit/deps/sockets",
    "wit/deps/cli",
    "wit/deps/http",
    "wit/host",
    "wit/functions",
];

/// Interfaces by name, each with the names of its functions; one without functions has types alone.
type Interfaces = BTreeMap<String, Vec<String>>;

/// What goes in and out.
#[derive(Debug, PartialEq, Eq)]
struct Surface {
    imports: Interfaces,
    exports: Interfaces,
}

#[test]
fn a_component_has_the_imports_and_exports_of_its_world() {
    for name in COMPONENTS {
        let (component, mut world) = (of_component(name), of_world(name));
        let mut listed: BTreeSet<String> = listed_in_world(name).into_iter().collect();
        let exports_of_the_world = world.exports.clone();
        for part in parts_of(name) {
            listed.extend(listed_in_world(part));
            world.imports.extend(of_world(part).imports);
        }
        // Functions are plugged in, by `cargo xtask build`, or nobody calls them yet.
        listed.retain(|import| !import.starts_with("stocktake:functions/"));
        // What the world has because of what it lists, such as the streams of a request's body.
        let is_implied = |import: &str| {
            import.starts_with("wasi:")
                && world.imports.contains_key(import)
                && !listed.contains(import)
        };
        let used: BTreeSet<&String> =
            with_functions(&component.imports).filter(|import| !is_implied(import)).collect();
        let allowed: BTreeSet<&String> = listed.iter().collect();
        assert_eq!(used, allowed, "`{name}`: imports with functions, and the imports of its world");
        for (interface, functions) in &component.imports {
            let known = world.imports.get(interface);
            let known = known.unwrap_or_else(|| panic!("`{name}` imports {interface}"));
            assert!(
                functions.iter().all(|function| known.contains(function)),
                "{interface}: {functions:?} are not all in {known:?}"
            );
        }
        assert_eq!(component.exports, exports_of_the_world, "`{name}`: exports");
    }
}

#[test]
fn a_component_has_the_imports_and_exports_of_the_committed_list() {
    for name in COMPONENTS {
        let Surface { imports, exports } = of_component(name);
        let mut list = String::new();
        for (word, interfaces) in [("import", imports), ("export", exports)] {
            for (interface, functions) in interfaces {
                let functions = if functions.is_empty() {
                    "types alone".to_owned()
                } else {
                    functions.join(", ")
                };
                let _ = writeln!(list, "{word} {interface}: {functions}");
            }
        }
        expect_file![root().join("tests/worlds").join(format!("{name}.txt"))].assert_eq(&list);
    }
}

#[test]
fn what_judges_policies_imports_nothing() {
    assert_eq!(of_component("policy-check").imports, Interfaces::new());
}

#[test]
fn every_component_has_a_list() {
    let lists = fs::read_dir(root().join("tests/worlds")).unwrap();
    let lists: BTreeSet<String> =
        lists.map(|list| list.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(lists, COMPONENTS.map(|name| format!("{name}.txt")).into());
    let packages = fs::read_dir(root().join("components")).unwrap().map(|entry| entry.unwrap());
    let packages: BTreeSet<String> = packages
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(packages, COMPONENTS.map(str::to_owned).into());
}

fn of_component(name: &str) -> Surface {
    let bytes = fs::read(component_file(name)).unwrap();
    match wit_component::decode(&bytes).unwrap() {
        DecodedWasm::Component(resolve, world) => surface(&resolve, world),
        DecodedWasm::WitPackage(..) => panic!("`{name}` is a package of WIT"),
    }
}

fn of_world(name: &str) -> Surface {
    let mut resolve = Resolve::default();
    for package in PACKAGES {
        resolve.push_dir(root().join(package)).unwrap();
    }
    let package = resolve.push_file(root().join("wit/worlds.wit")).unwrap();
    let world = resolve.select_world(&[package], Some(name)).unwrap();
    surface(&resolve, world)
}

/// The imports that the text of a world names. Parsed, a world also has the interfaces whose types those use.
fn listed_in_world(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("wit/worlds.wit")).unwrap();
    let world = text.split_once(&format!("\nworld {name} {{\n")).unwrap().1;
    let lines = world.lines().take_while(|line| *line != "}").map(str::trim);
    let imports = lines.filter_map(|line| line.strip_prefix("import ")?.strip_suffix(';'));
    imports.map(str::to_owned).collect()
}

fn with_functions(interfaces: &Interfaces) -> impl Iterator<Item = &String> {
    interfaces.iter().filter(|(_, functions)| !functions.is_empty()).map(|(name, _)| name)
}

fn surface(resolve: &Resolve, world: WorldId) -> Surface {
    let world = &resolve.worlds[world];
    let interfaces = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
        items
            .map(|(key, item)| match item {
                WorldItem::Interface { id, .. } => {
                    let functions = resolve.interfaces[*id].functions.keys().cloned().collect();
                    (resolve.name_world_key(key), functions)
                }
                other => panic!("{} is no interface: {other:?}", resolve.name_world_key(key)),
            })
            .collect()
    };
    Surface {
        imports: interfaces(&mut world.imports.iter()),
        exports: interfaces(&mut world.exports.iter()),
    }
}
