//! An installation in a folder of its own with accounts, customers and a
//! campaign, and the built program as its server: a process that is killed and
//! started again on the same port. Made with the services of the house, then
//! closed, so that nobody but the server has the database open while it is
//! being killed.

use super::line::Line;
use super::memory::Orders;
use crate::bench::{Held, On, Rig, Spent, customers_file, program, rows};
use crate::error::{CliError, Result};
use crate::{disk, open};
use serde_json::json;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;
use zf_base::{ProgramId, UnitId};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::user::service::{NewUser, user_add};
use zf_kernel::user::{Grant, User};
use zf_kernel::{App, Permission};
use zf_network::import::ImportKind;
use zf_store::testing::TestDb;
use zf_store::{Db, Scope, Sql, params};
use zf_vault::{KdfParams, Keyring, Suite};

const PASSWORD: &str = "bench-bench-7-bench";
const PASSPHRASE: &str = "bench";
/// A server that does not answer by then never will.
const START: Duration = Duration::from_secs(60);
/// Customers of a branch that phones may visit.
const PEOPLE_MAX: i64 = 400;

const PEOPLE: Sql = Sql {
    name: "PEOPLE",
    text: "SELECT id, household_id FROM customer WHERE unit_id = $1 ORDER BY customer_no LIMIT $2",
    scope: Scope::Ref,
    module: module_path!(),
};

/// A branch with its head.
pub struct Branch {
    /// The branch.
    pub unit: UnitId,
    /// Its head's login.
    pub head: String,
    people: Vec<(Uuid, Uuid)>,
}

/// The installation.
pub struct Site {
    /// The data folder.
    pub folder: PathBuf,
    /// Where the server listens.
    pub address: SocketAddr,
    /// What opens the database.
    pub url: String,
    /// Branches.
    pub branches: Vec<Branch>,
    /// Campaign.
    pub program: ProgramId,
    /// Day of all visits.
    pub day: String,
    keys: String,
    // Last, so that everything else is gone before it is removed.
    _server: Option<Box<TestDb>>,
}

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Branches.
    pub branches: usize,
    /// Phones, spread over the branches.
    pub phones: usize,
    /// Customers in all.
    pub customers: u64,
}

fn free_address() -> Result<SocketAddr> {
    // Free now; nobody else on a machine that measures takes it meanwhile.
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Site {
    /// Makes one in an empty folder.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub async fn new(on: &On, folder: &Path, size: Size) -> Result<Site> {
        let (ring, file) = Keyring::create_with(
            Suite::Intl,
            PASSPHRASE,
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        )?;
        let keys = file.to_text();
        disk::write_private(&folder.join("keys.json"), keys.as_bytes())?;
        let (db, url, server) = match on {
            On::Sqlite => {
                let url = format!("sqlite:{}", folder.join("zoufang.db").display());
                let db = Db::open(&url).await?;
                db.migrate(MIGRATIONS).await?;
                (db, url, None)
            }
            On::Postgres(server) => {
                let db = TestDb::postgres(server, MIGRATIONS).await?;
                (db.clone(), db.url().to_owned(), Some(Box::new(db)))
            }
        };
        let spec = rows::Spec {
            rows: size.customers,
            branches: size.branches as u64,
            sorted: false,
            later: false,
        };
        let rig = Rig::filled(db, ring, Held::Elsewhere, &spec).await?;
        let day = rig.ctx.today();
        let program = program(&rig, day).await?;
        customers(&rig, &spec).await?;
        let mut branches = vec![];
        for b in 0..size.branches {
            branches.push(branch(&rig, b, size).await?);
        }
        rig.end().await?;
        Ok(Site {
            folder: folder.to_owned(),
            address: free_address()?,
            url,
            branches,
            program,
            day: day.to_string(),
            keys,
            _server: server,
        })
    }

    /// The branch of a phone.
    pub fn branch_of(&self, phone: usize) -> &Branch {
        &self.branches[phone % self.branches.len()]
    }

    /// The same installation opened here, for reading.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open(&self) -> Result<App> {
        let file = zf_vault::KeyFile::from_text(&self.keys)?;
        let ring = Keyring::unlock(&file, PASSPHRASE)?;
        open::assemble(Db::open(&self.url).await?, ring).await
    }

    /// A command of the program on this installation.
    ///
    /// # Errors
    /// When the program does not know where it is itself.
    pub fn command(&self, words: &[&str]) -> Result<Command> {
        // A file that may not grow is an error to be told of, not the end of the
        // process; the shell hands that down and becomes the program.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe()?)
            .args(words)
            .arg("--data")
            .arg(&self.folder)
            .args(["--db", self.url.as_str()])
            .env("ZOUFANG_PASSPHRASE", PASSPHRASE)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    /// It ends or does not answer in time; its log says why.
    pub async fn serve(&self, log: &Path) -> Result<Process> {
        let port = self.address.port().to_string();
        let command = self.command(&["serve", "--port", &port])?;
        let mut server = Process::start(command, log)?;
        let (line, began) = (Line::to(self.address), Instant::now());
        while !line.get("/livez").is_ok_and(|r| r.status == 200) {
            if server.ended() || began.elapsed() > START {
                let told = std::fs::read_to_string(log).unwrap_or_default();
                return Err(CliError::system(format!(
                    "the server did not start: {told}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(server)
    }

    /// Somebody signed in.
    ///
    /// # Errors
    /// The server does not let them in.
    pub fn signed_in(&self, login: &str) -> Result<Line> {
        let mut line = Line::to(self.address);
        match line.sign_in(login, PASSWORD)? {
            200 => Ok(line),
            status => Err(CliError::system(format!("sign-in of {login}: {status}"))),
        }
    }

    /// Orders for a phone, with a code that the branch has made for it.
    ///
    /// # Errors
    /// The server makes no code.
    pub fn orders(&self, phone: usize, visits: usize, seed: u64) -> Result<Orders> {
        let branch = self.branch_of(phone);
        let head = self.signed_in(&branch.head)?;
        let unit = branch.unit.to_string();
        let users = head.get(&format!("/units/{unit}/devices/users"))?.json();
        let login = login(phone);
        let users = users["items"].as_array().cloned().unwrap_or_default();
        let user = users.iter().find(|u| u["name"] == json!(login));
        let user = user.ok_or_else(|| CliError::system(format!("no account {login}")))?;
        let body = json!({ "user_id": user["user_id"], "name": login });
        let made = head.post(&format!("/units/{unit}/devices/codes"), &body)?;
        let code = made.json()["code"].as_str().map(str::to_owned);
        let people = branch.people.iter();
        Ok(Orders {
            address: self.address,
            login,
            password: PASSWORD.to_owned(),
            device_id: Uuid::now_v7().to_string(),
            code: code.ok_or_else(|| CliError::system("no code for a phone"))?,
            unit_id: unit,
            program_id: self.program.to_string(),
            day: self.day.clone(),
            people: people
                .map(|(c, h)| (c.to_string(), h.to_string()))
                .collect(),
            visits,
            photo_bytes: 20 << 10,
            pace_ms: 200,
            seed: seed.wrapping_mul(1_000_003).wrapping_add(phone as u64),
            control: "none".to_owned(),
        })
    }
}

/// Login of a phone's account.
pub fn login(phone: usize) -> String {
    format!("phone-{phone}")
}

async fn customers(rig: &Rig, spec: &rows::Spec) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("customers.csv");
    customers_file(spec, &file)?;
    let bytes = std::fs::read(&file)?;
    let name = "customers.csv";
    rig.load(ImportKind::Customers, name, bytes, &Spent::default())
        .await?;
    Ok(())
}

async fn branch(rig: &Rig, b: usize, size: Size) -> Result<Branch> {
    let unit = unit_by_code(&rig.app, &rows::branch_code(b as u64)).await?;
    let unit = unit.ok_or_else(|| CliError::system("a branch is missing"))?;
    let head = format!("head-{b}");
    account(rig, &unit, &head, "branch_head").await?;
    for phone in (b..size.phones).step_by(size.branches) {
        account(rig, &unit, &login(phone), "visitor").await?;
    }
    let found = rig
        .app
        .db
        .query(PEOPLE, params![unit.id, PEOPLE_MAX])
        .await?;
    let mut people = vec![];
    for r in &found {
        people.push((r.get(0)?, r.get(1)?));
    }
    Ok(Branch {
        unit: unit.id,
        head,
        people,
    })
}

async fn account(rig: &Rig, unit: &zf_kernel::unit::Unit, login: &str, role: &str) -> Result<User> {
    let new = NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        staff_id: None,
        grants: vec![Grant {
            role_id: role.to_owned(),
            unit_id: unit.id,
        }],
        is_demo: false,
        password: Some(PASSWORD.to_owned()),
    };
    let at = rig.ctx.scope(Permission::UserWrite, unit)?;
    Ok(user_add(&rig.app, &rig.ctx, &at, &new).await?.0)
}

/// A process of the program; killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts a command; what it says goes to the end of a file.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(mut command: Command, log: &Path) -> Result<Process> {
        let log = File::options().create(true).append(true).open(log)?;
        command.stdout(Stdio::null()).stderr(log);
        Ok(Process(command.spawn()?))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// SIGKILL: no handler runs, nothing is flushed. True when it was running.
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

    /// Has it ended well?
    pub fn succeeded(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(status)) if status.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
