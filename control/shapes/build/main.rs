//! Generates a module of types for every service in `actions/` from its file there and its file in `facts/`.

mod facts;
mod rust;
mod shared;
mod treatment;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    for directory in ["actions", "facts", "build"] {
        println!("cargo::rerun-if-changed={directory}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for entry in fs::read_dir("actions")? {
        let path = entry?.path();
        let service = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file without a name")?;
        let facts = facts::parse(&fs::read_to_string(Path::new("facts").join(format!("{service}.txt")))?)?;
        let treatment = treatment::parse(&fs::read_to_string(&path)?, &facts)?;
        treatment.check(&facts)?;
        fs::write(out.join(format!("{service}.rs")), rust::module(&facts, &treatment))?;
    }
    Ok(())
}
