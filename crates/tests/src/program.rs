//! The built program as a process of its own, on an installation that a test
//! has made: started, killed without a word (SIGKILL), started again. The
//! database is reached from both sides; keys and passphrase are the test's.

use crate::On;
use crate::world::{PASSPHRASE, database};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use zf_kernel::App;
use zf_store::testing::TestDb;
use zf_vault::{KdfParams, Keyring, Suite};

/// `ZF_BIN`, else the release or debug build beside this crate; `None` (and a
/// line that says so) when the program is not built.
pub fn binary() -> Option<PathBuf> {
    if let Ok(named) = std::env::var("ZF_BIN")
        && !named.is_empty()
    {
        return Some(PathBuf::from(named));
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let built = ["release/zoufang", "debug/zoufang"].map(|name| target.join(name));
    let found = built.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: the program is not built");
    }
    found
}

/// A data folder, a database, and the program that works on both.
pub struct House {
    /// The same installation, opened by the test itself with the clock of the
    /// machine.
    pub app: App,
    binary: PathBuf,
    folder: tempfile::TempDir,
    db: TestDb,
}

impl House {
    /// An empty installation; `None` (and a line that says so) without the
    /// engine or the program.
    pub async fn new(on: On) -> Option<House> {
        let binary = binary()?;
        let db = database(on).await?;
        let folder = tempfile::tempdir().unwrap();
        let (ring, file) = Keyring::create_with(
            Suite::Intl,
            PASSPHRASE,
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        )
        .unwrap();
        let keys = folder.path().join("keys.json");
        zf_server::disk::write_private(&keys, file.to_text().as_bytes()).unwrap();
        let app = zf_server::open::assemble((*db).clone(), ring).await;
        Some(House {
            app: app.unwrap(),
            binary,
            folder,
            db,
        })
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        self.db.name()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(words)
            .arg("--data")
            .arg(self.folder())
            .args(["--db", self.db.url()])
            .env("ZOUFANG_PASSPHRASE", PASSPHRASE)
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command
    }

    /// Starts a command and does not wait for it.
    pub fn start(&self, words: &[&str]) -> Running {
        let mut command = self.command(words);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// One number from the database.
    pub async fn count(&self, text: &str) -> i64 {
        let rows = self.db.query(crate::world::sql(text), vec![]).await;
        rows.unwrap()[0].get(0).unwrap()
    }

    /// Runs a statement of a test.
    pub async fn exec(&self, text: &str) -> u64 {
        self.db.exec(crate::world::sql(text), vec![]).await.unwrap()
    }
}

/// A started program; killed when dropped.
pub struct Running(Child);

impl Running {
    /// SIGKILL: no handler runs, nothing is flushed. True when it was still
    /// running.
    pub fn kill(mut self) -> bool {
        let ran = matches!(self.0.try_wait(), Ok(None));
        let _ = self.0.kill();
        let _ = self.0.wait();
        ran
    }

    /// Has it ended by itself?
    pub fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
