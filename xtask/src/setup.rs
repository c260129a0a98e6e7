//! The Debian packages that the tests need: PostgreSQL, Chromium, Chinese fonts.
//!
//! Installs what is missing as root or through `sudo -n`; otherwise says what is
//! missing and which command would install it. Touches nothing that is there.

use crate::{Outcome, pg};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// `cargo xtask setup`.
pub fn run() -> Outcome {
    let missing = missing();
    if missing.is_empty() {
        println!("setup: everything is there");
        return Ok(true);
    }
    let names = missing.join(" ");
    let Some(prefix) = authority() else {
        eprintln!("setup: missing Debian packages: {names}");
        eprintln!("setup: neither root nor sudo without a password; please run");
        eprintln!(
            "  sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"
        );
        return Ok(false);
    };
    println!("setup: installing {names}");
    let mut update = prefix.clone();
    update.extend(["apt-get", "-qq", "update"].map(str::to_owned));
    // A stale list is no reason to stop: the packages may still be found.
    run_quietly(&update);
    let mut install = prefix;
    install.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"].map(str::to_owned));
    install.extend(["install", "-y", "--no-install-recommends"].map(str::to_owned));
    install.extend(missing.iter().map(|name| (*name).to_owned()));
    run_quietly(&install);
    let left = self::missing();
    if left.is_empty() {
        return Ok(true);
    }
    eprintln!("setup: still missing after apt-get: {}", left.join(" "));
    Ok(false)
}

/// The browser of the tests: `ZF_CHROMIUM`, or Debian's.
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var("ZF_CHROMIUM").ok().map(PathBuf::from);
    let known = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    named
        .into_iter()
        .chain(known.map(PathBuf::from))
        .find(|path| path.exists())
}

fn missing() -> Vec<&'static str> {
    let mut names = Vec::new();
    if pg::binaries().is_none() {
        names.push("postgresql-15");
    }
    if chromium().is_none() {
        names.push("chromium");
    }
    if !has_chinese_font() {
        names.push("fonts-noto-cjk");
    }
    names
}

fn has_chinese_font() -> bool {
    if Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists() {
        return true;
    }
    let listed = Command::new("fc-list")
        .args([":lang=zh-cn", "family"])
        .output();
    listed.is_ok_and(|out| !out.stdout.is_empty())
}

/// The words before a command that needs root, or nothing when we may not.
fn authority() -> Option<Vec<String>> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return None;
    }
    if pg::is_root() {
        return Some(Vec::new());
    }
    let sudo = Command::new("sudo")
        .args(["-n", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let allowed = sudo.is_ok_and(|status| status.success());
    allowed.then(|| vec!["sudo".to_owned(), "-n".to_owned()])
}

fn run_quietly(words: &[String]) {
    let Some((program, args)) = words.split_first() else {
        return;
    };
    let status = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        eprintln!("setup: `{}` did not succeed", words.join(" "));
    }
}
