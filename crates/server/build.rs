//! The pages are embedded at compile time: build again when they change.

fn main() {
    println!("cargo:rerun-if-changed=../../frontend/dist");
    println!("cargo:rerun-if-changed=build.rs");
}
