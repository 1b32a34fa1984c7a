//! A catalogue several times as large, for the tests and the bench of planning.

use std::collections::BTreeMap;

use bilim::definitions::{Assets, Definitions};

/// This build's definitions with every indicator `times` times, under codes of their own.
pub fn enlarged(times: usize) -> Definitions {
    let built_in = Assets::built_in();
    let mut files: BTreeMap<String, Vec<u8>> =
        built_in.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    for (path, bytes) in built_in.of_kind("sql/indicators/", "toml") {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        for copy in 1..times {
            let path = path.replace(".toml", &format!("_{copy}.toml"));
            let renamed: Vec<String> = text
                .lines()
                .map(|line| match line.strip_prefix("code = \"").and_then(|rest| rest.strip_suffix('"')) {
                    Some(code) => format!("code = \"{code}-{copy}\""),
                    None => line.to_owned(),
                })
                .collect();
            files.insert(path, renamed.join("\n").into_bytes());
        }
    }
    Definitions::from_assets(Assets::from_map(files)).unwrap()
}
