//! The direction of dependencies between the modules of the root crate.
//!
//! Reads the sources next door instead of linking them, so that it runs in the leaf
//! crate's seconds. Comments and texts are free to name anything; code is not. A
//! module that is not in the table fails, one that does not exist yet is skipped.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that every module may use.
const SHARED: [&str; 4] = ["config", "error", "definitions", "operator"];

/// Modules and what else they may use.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("lake", &[]),
    ("intake", &["lake"]),
    ("rollup", &["lake"]),
    ("session", &["rollup", "lake"]),
    ("query", &["session"]),
    ("report", &["query", "session", "lake"]),
    ("submission", &["intake", "query", "session", "lake"]),
    ("server", &["submission", "intake", "query", "session", "lake"]),
    ("cluster", &["query", "session", "lake"]),
    ("cli", &["intake", "lake", "rollup", "session", "query", "submission", "report", "server", "cluster"]),
];

/// Shared modules and which of each other they may use.
const SHARED_DIRECTIONS: &[(&str, &[&str])] =
    &[("error", &[]), ("operator", &[]), ("config", &["error"]), ("definitions", &["config", "error"])];

/// Words of code that only one module may contain.
const RESERVED: &[(&str, &[&str])] = &[
    ("lake", &["deltalake"]),
    ("cli", &["println!", "eprintln!", "print!", "eprint!"]),
    ("session", &["SessionContext::new"]),
    ("server", &["tonic", "axum", "arrow_flight"]),
];

/// Reserved words that unit tests may use.
const FREE_IN_TESTS: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "SessionContext::new"];

/// A rule broken at a place.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: String,
    line: usize,
    text: String,
}

#[test]
fn modules_depend_in_one_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    let mut breaches = Vec::new();
    for file in sources(&root) {
        let relative = file.strip_prefix(&root).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        breaches.extend(check(relative, &text));
    }
    let shown: Vec<String> =
        breaches.iter().map(|breach| format!("{}:{}: {}", breach.file, breach.line, breach.text)).collect();
    assert!(shown.is_empty(), "\n{}", shown.join("\n"));
}

/// Every Rust file below a folder, sorted.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Top-level module of a file; `lib` and `main` for the roots.
fn module_of(relative: &Path) -> String {
    let first = relative.iter().next().unwrap().to_string_lossy();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

fn allowed(module: &str) -> Option<BTreeSet<&'static str>> {
    let own = |table: &[(&str, &'static [&'static str])]| {
        let row = table.iter().find(|(name, _)| *name == module)?;
        Some(row.1.iter().copied().collect::<BTreeSet<_>>())
    };
    if let Some(shared) = own(SHARED_DIRECTIONS) {
        return Some(shared);
    }
    let mut allowed = own(DIRECTIONS)?;
    allowed.extend(SHARED);
    Some(allowed)
}

fn check(relative: &Path, text: &str) -> Vec<Breach> {
    let module = module_of(relative);
    let code = code_of(text);
    let mut breaches = Vec::new();
    let mut report = |at: usize, text: String| {
        breaches.push(Breach {
            file: relative.display().to_string(),
            line: 1 + code[..at].matches('\n').count(),
            text,
        });
    };
    // Unit tests in files of their own may print what they measure and build a context to look with.
    let is_test = relative.iter().any(|part| part == "tests" || part == "tests.rs");
    for (owner, words) in RESERVED {
        let is_free = |word: &&&str| module == *owner || (is_test && FREE_IN_TESTS.contains(*word));
        for word in words.iter().filter(|word| !is_free(word)) {
            for at in places_of(&code, word) {
                report(at, format!("only `{owner}` may name `{word}`"));
            }
        }
    }
    match (module.as_str(), allowed(&module)) {
        // The roots declare modules and hand over to the command line.
        ("lib" | "main", _) => {}
        (_, None) => report(0, format!("module `{module}` is not in the table of directions")),
        (_, Some(allowed)) => {
            for (at, used) in used_modules(&code, depth_of(relative)) {
                if used != module && !allowed.contains(used.as_str()) {
                    report(at, format!("`{module}` may not use `{used}`"));
                }
            }
        }
    }
    breaches
}

/// How many `super` lead from a file's module to the crate.
fn depth_of(relative: &Path) -> usize {
    let parts = relative.iter().count();
    let is_folder = relative.file_name().is_some_and(|name| name == "mod.rs");
    parts - usize::from(is_folder)
}

/// Top-level modules that code names, through `crate` or enough `super`.
fn used_modules(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for at in places_of(code, "crate::") {
        let names = heads(&code[at + "crate::".len()..]);
        used.extend(names.into_iter().map(|name| (at, name)));
    }
    let climb = "super::".repeat(depth);
    let known = |name: &String| {
        DIRECTIONS.iter().any(|(module, _)| module == name) || SHARED.contains(&name.as_str())
    };
    for at in places_of(code, &climb) {
        let names = heads(&code[at + climb.len()..]);
        // Inside a test module `super` leads less far; only known names are meant.
        used.extend(names.into_iter().filter(known).map(|name| (at, name)));
    }
    // Macros and items of the crate root itself begin with a capital or are called.
    used.retain(|(_, name)| name.starts_with(|first: char| first.is_ascii_lowercase()));
    used
}

/// First names of a path, or of each path of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return identifier(path).into_iter().collect();
    };
    let mut names = Vec::new();
    let mut level = 0;
    let mut at_head = true;
    for (index, symbol) in group.char_indices() {
        match symbol {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => at_head = true,
            _ if symbol.is_whitespace() => {}
            _ if at_head && level == 0 => {
                names.extend(identifier(&group[index..]));
                at_head = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|symbol: char| !is_word(symbol)).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn is_word(symbol: char) -> bool {
    symbol.is_alphanumeric() || symbol == '_'
}

/// Where a word stands in code, not as the end or the beginning of a longer one.
///
/// `SessionContext::new` is meant with all it begins: `new_with_state` is one more way
/// of building a context.
fn places_of(code: &str, word: &str) -> Vec<usize> {
    let is_open_ended = !word.ends_with(is_word) || word.contains("::");
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| !code[..*at].ends_with(is_word))
        .filter(|at| is_open_ended || !code[at + word.len()..].starts_with(is_word))
        .collect()
}

/// The text with comments, strings and characters blanked, line breaks kept.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        let skipped = match symbol {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest),
            'r' if !code.ends_with(is_word) => raw_string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(symbol);
            rest = &rest[symbol.len_utf8()..];
        } else {
            let breaks = rest[..skipped].matches('\n').count();
            code.push(' ');
            code.extend(std::iter::repeat_n('\n', breaks));
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment(text: &str) -> usize {
    let mut level = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            level += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            level -= 1;
            at += 2;
            if level == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (index, symbol) in text.char_indices().skip(1) {
        match symbol {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of `r"..."` or `r#"..."#`; 0 when the letter begins a name.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    text[body..].find(&end).map_or(text.len(), |at| body + at + end.len())
}

/// Length of a character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut symbols = text.char_indices().skip(1);
    match symbols.next() {
        Some((_, '\\')) => {
            text[2..].char_indices().skip(1).find(|(_, s)| *s == '\'').map_or(0, |(at, _)| at + 3)
        }
        Some((at, symbol)) if text[at + symbol.len_utf8()..].starts_with('\'') => at + symbol.len_utf8() + 1,
        _ => 0,
    }
}

fn breaches(file: &str, text: &str) -> Vec<(usize, String)> {
    check(Path::new(file), text).into_iter().map(|breach| (breach.line, breach.text)).collect()
}

#[test]
fn a_wrong_direction_is_found_in_every_spelling() {
    let wrong = |line: usize| vec![(line, "`lake` may not use `session`".to_owned())];
    assert_eq!(breaches("lake/mod.rs", "use crate::session::open;"), wrong(1));
    assert_eq!(breaches("lake/mod.rs", "\nuse crate::{config, session::{a, b}};"), wrong(2));
    assert_eq!(breaches("lake.rs", "fn f() { crate::session::open(); }"), wrong(1));
    assert_eq!(breaches("lake/mod.rs", "use super::session;"), wrong(1));
    assert_eq!(breaches("lake/commit.rs", "use super::super::session;"), wrong(1));
}

#[test]
fn a_right_direction_passes() {
    assert_eq!(breaches("session/mod.rs", "use crate::{config::Config, lake, rollup::{Key, Plan}};"), []);
    assert_eq!(breaches("session/views.rs", "use super::lake;"), []);
    assert_eq!(breaches("lake/mod.rs", "use crate::lake::commit; use crate::Result; use self::session;"), []);
    assert_eq!(breaches("config.rs", "use crate::error::EngineError;"), []);
    assert_eq!(breaches("lib.rs", "pub mod anything;"), []);
}

#[test]
fn reserved_words_are_for_their_owner() {
    let reserved = |owner, word| vec![(1, format!("only `{owner}` may name `{word}`"))];
    assert_eq!(breaches("query/mod.rs", "use deltalake::DeltaTable;"), reserved("lake", "deltalake"));
    assert_eq!(breaches("query/mod.rs", "println!();"), reserved("cli", "println!"));
    assert_eq!(
        breaches("query/mod.rs", "SessionContext::new_with_state(s)"),
        reserved("session", "SessionContext::new")
    );
    assert_eq!(breaches("lake/mod.rs", "use deltalake as d;"), []);
    assert_eq!(breaches("cli/mod.rs", "eprintln!();"), []);
    assert_eq!(breaches("query/mod.rs", "let my_deltalake_like = 1;"), []);
    assert_eq!(breaches("query/tests.rs", "println!(); SessionContext::new();"), []);
    assert_eq!(breaches("query/tests/mod.rs", "use deltalake::DeltaTable;"), reserved("lake", "deltalake"));
}

#[test]
fn comments_and_texts_may_name_anything() {
    let free = "// deltalake\n/* println! /* nested */ */ \"crate::session\" r#\"axum \"tonic\"\"# '\"' b\"x\" '\\''";
    assert_eq!(breaches("lake/mod.rs", free), []);
    let after = format!("{free}\nuse crate::session;");
    assert_eq!(breaches("lake/mod.rs", &after), [(3, "`lake` may not use `session`".to_owned())]);
}

#[test]
fn an_unknown_module_is_refused() {
    assert_eq!(
        breaches("utils/mod.rs", ""),
        [(1, "module `utils` is not in the table of directions".to_owned())]
    );
}

/// Two versions of one of these would be two families of types that do not fit each other.
#[test]
fn the_arrow_family_is_in_the_build_once() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    for name in ["arrow", "parquet", "datafusion", "object_store", "deltalake-core"] {
        let versions: Vec<&str> =
            lock.split("[[package]]").filter(|p| p.contains(&format!("\nname = \"{name}\"\n"))).collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}
