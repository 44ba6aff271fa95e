//! No circle of files: whoever opens a file can read it with what stands below it, and nothing of what
//! stands there needs this file again. A name counts where it is defined, whichever module passes it on;
//! code for tests is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use super::source::module_path;

type Module = Vec<String>;

/// The circles among these files: each as the ties that hold it, `a.rs -> b.rs: names`.
pub(crate) fn circles(sources: &[(PathBuf, String)]) -> Vec<Vec<String>> {
    let house = House::of(sources);
    let ties: BTreeMap<&Path, Ties<'_>> =
        house.rooms.iter().map(|(module, room)| (room.file, house.ties(module, room))).collect();
    let reach: BTreeMap<&Path, BTreeSet<&Path>> =
        ties.keys().map(|&file| (file, reached(file, &ties))).collect();
    let mut found: BTreeSet<Vec<&Path>> = BTreeSet::new();
    for (file, below) in &reach {
        let circle: Vec<&Path> =
            below.iter().copied().filter(|other| reach[other].contains(file)).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let in_words = |circle: Vec<&Path>| {
        let within = |from: &Path| {
            let to = ties[from].iter().filter(|(to, _)| circle.contains(*to));
            let line = |(to, names): (&&Path, &BTreeSet<&str>)| {
                let names = names.iter().copied().collect::<Vec<_>>().join(", ");
                format!("{} -> {}: {names}", from.display(), to.display())
            };
            to.map(line).collect::<Vec<_>>()
        };
        circle.iter().flat_map(|from| within(from)).collect()
    };
    found.into_iter().map(in_words).collect()
}

/// The modules beside a file that its imports name.
pub(crate) fn siblings(file: &Path, text: &str) -> impl Iterator<Item = String> {
    let tree = syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let imports = tree.items.into_iter().filter(|item| !is_for_tests(item));
    imports.filter_map(|item| {
        let syn::Item::Use(syn::ItemUse { tree: syn::UseTree::Path(path), .. }) = item else {
            return None;
        };
        match (path.ident == "super", *path.tree) {
            (true, syn::UseTree::Path(inner)) => Some(inner.ident.to_string()),
            (true, syn::UseTree::Name(inner)) => Some(inner.ident.to_string()),
            _ => None,
        }
    })
}

/// What a file needs of others: the names, by the file that defines them.
type Ties<'a> = BTreeMap<&'a Path, BTreeSet<&'a str>>;

fn reached<'a>(from: &'a Path, ties: &BTreeMap<&'a Path, Ties<'a>>) -> BTreeSet<&'a Path> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        for &other in ties.get(file).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(other) {
                next.push(other);
            }
        }
    }
    seen
}

/// All modules that have a file.
struct House<'a> {
    rooms: BTreeMap<Module, Room<'a>>,
}

/// What a file defines, passes on and mentions.
struct Room<'a> {
    file: &'a Path,
    defines: BTreeSet<String>,
    /// By name: what it stands for, as an absolute path.
    imports: BTreeMap<String, Module>,
    /// Modules of which everything is passed on.
    globs: Vec<Module>,
    mentions: Vec<Module>,
}

impl<'a> House<'a> {
    fn of(sources: &'a [(PathBuf, String)]) -> Self {
        let mut parsed: BTreeMap<Module, (&Path, syn::File)> = BTreeMap::new();
        for (file, text) in sources {
            let tree = syn::parse_file(text);
            let tree = tree.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            parsed.insert(module_path(file), (file, tree));
        }
        let for_tests: BTreeSet<Module> = parsed
            .iter()
            .flat_map(|(module, (_, tree))| {
                let tests = tree.items.iter().filter(|item| is_for_tests(item));
                tests.filter_map(|item| match item {
                    syn::Item::Mod(inner) => Some(below(module, &inner.ident.to_string())),
                    _ => None,
                })
            })
            .collect();
        let is_code = |module: &Module| !for_tests.iter().any(|test| module.starts_with(test));
        let rooms = parsed
            .into_iter()
            .filter(|(module, _)| is_code(module))
            .map(|(module, (file, tree))| {
                let room = Room::of(file, &tree, &module);
                (module, room)
            })
            .collect();
        House { rooms }
    }

    /// The files that define what a room mentions.
    fn ties<'s>(&'s self, module: &Module, room: &'s Room<'a>) -> Ties<'s> {
        let mut ties: Ties<'s> = BTreeMap::new();
        for path in &room.mentions {
            let home = self.home(path, &mut BTreeSet::new());
            if let (Some(home), Some(name)) = (home.filter(|home| home != module), path.last()) {
                ties.entry(self.rooms[&home].file).or_default().insert(name);
            }
        }
        ties
    }

    /// The module in whose file the last name of a path that is an item of ours is defined.
    fn home(&self, path: &[String], seen: &mut BTreeSet<Module>) -> Option<Module> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        let depth =
            (0..=path.len()).rev().find(|&depth| self.rooms.contains_key(&path[..depth]))?;
        let room = &self.rooms[&path[..depth]];
        let name = path.get(depth)?;
        if room.defines.contains(name) {
            return Some(path[..depth].to_vec());
        }
        if let Some(target) = room.imports.get(name) {
            let whole = [target, &path[depth + 1..]].concat();
            return self.home(&whole, seen);
        }
        room.globs.iter().find_map(|glob| self.home(&[glob, &path[depth..]].concat(), seen))
    }
}

impl<'a> Room<'a> {
    fn of(file: &'a Path, tree: &syn::File, module: &Module) -> Self {
        let mut room = Room {
            file,
            defines: BTreeSet::new(),
            imports: BTreeMap::new(),
            globs: Vec::new(),
            mentions: Vec::new(),
        };
        let children: BTreeSet<String> = tree.items.iter().filter_map(child).collect();
        let mut reader = Reader { module, children: &children, room: &mut room };
        for item in tree.items.iter().filter(|item| !is_for_tests(item)) {
            if let Some(name) = defined(item) {
                reader.room.defines.insert(name);
            }
            reader.visit_item(item);
        }
        room
    }
}

struct Reader<'r, 'a> {
    module: &'r Module,
    children: &'r BTreeSet<String>,
    room: &'r mut Room<'a>,
}

impl Reader<'_, '_> {
    /// A path as it is written, from the crate's root; none of another crate's.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let mut from = self.module.clone();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([&from, &path[1..]].concat()),
            "super" => {
                let ups = path.iter().take_while(|word| *word == "super").count();
                from.truncate(from.len().saturating_sub(ups));
                Some([&from, &path[ups..]].concat())
            }
            first if self.children.contains(first) => Some([&from, path].concat()),
            first => self.room.imports.get(first).map(|target| [target, &path[1..]].concat()),
        }
    }

    fn import(&mut self, tree: &syn::UseTree, mut before: Vec<String>, passes_on: bool) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, passes_on);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, before.clone(), passes_on));
            }
            syn::UseTree::Glob(_) => {
                if let Some(path) = self.absolute(&before) {
                    self.room.globs.push(path);
                }
            }
            syn::UseTree::Name(name) => self.name(before, &name.ident, &name.ident, passes_on),
            syn::UseTree::Rename(name) => self.name(before, &name.ident, &name.rename, passes_on),
        }
    }

    fn name(&mut self, before: Vec<String>, of: &syn::Ident, to: &syn::Ident, passes_on: bool) {
        let mut path = before;
        let mut name = to.to_string();
        if of == "self" {
            name = path.last().cloned().unwrap_or(name);
        } else {
            path.push(of.to_string());
        }
        let Some(path) = self.absolute(&path) else { return };
        if !passes_on {
            self.room.mentions.push(path.clone());
        }
        self.room.imports.insert(name, path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let passes_on = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, Vec::new(), passes_on);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let is_long = words.len() > 1;
        if let Some(path) = self.absolute(&words).filter(|_| is_long) {
            self.room.mentions.push(path);
        }
        visit::visit_path(self, path);
    }
}

fn below(module: &Module, name: &str) -> Module {
    [module.as_slice(), &[name.to_owned()]].concat()
}

fn child(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Mod(inner) if inner.content.is_none() => Some(inner.ident.to_string()),
        _ => None,
    }
}

fn defined(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}
