// SPDX-License-Identifier: MIT
//! The version of Tantivy that Cargo.lock names, for the harness to tell.
fn main() {
    let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock");
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"tantivy\"").skip(1);
    let version = lines.next().and_then(|line| line.split('"').nth(1)).expect("a version");
    println!("cargo:rustc-env=TANTIVY_VERSION={version}");
    println!("cargo:rerun-if-changed=Cargo.lock");
}
