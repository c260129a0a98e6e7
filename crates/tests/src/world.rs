//! One installation per test: a fresh database, a throw-away key ring, a clock
//! that stands still until it is moved, and a small organisation. Accounts come
//! into being when a test asks for them; they sign in over HTTP like anybody.

use crate::On;
use crate::browser::Browser;
use crate::guard::Guard;
use crate::people::{self, Person};
use axum::Router;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use zf_base::{Timestamp, UserId};
use zf_kernel::job::worker;
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::{unit_add, unit_add_root};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_kernel::user::service::{NewUser, user_add};
use zf_kernel::user::session::session_find;
use zf_kernel::user::{Grant, User, grant};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_store::testing::TestDb;
use zf_store::{Row, Scope, Sql, Value};
use zf_vault::{KdfParams, KeyFile, Keyring, Suite};
use zf_web::WebState;
use zf_web::auth::SignedIn;
use zf_web::state::{Check, Info, Mutation};

/// The password of every account a test makes.
pub const PASSWORD: &str = "correct-horse-7-battery";
/// The passphrase of the throw-away key ring.
pub const PASSPHRASE: &str = "throw-away passphrase";

/// A clock that stands still.
pub struct Clock(AtomicI64);

impl Clock {
    /// Moves it on.
    pub fn forward_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
    /// Moves it on.
    pub fn forward_minutes(&self, minutes: i64) {
        self.forward_seconds(minutes * 60);
    }
    /// The moment it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl zf_kernel::Clock for Clock {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }
}

/// The organisation: a head office, a city, a county with three branches, and
/// a sibling county with one.
#[derive(Clone, Debug)]
pub struct Org {
    /// 总行.
    pub head: Unit,
    /// 分行.
    pub city: Unit,
    /// The county most tests are about.
    pub county: Unit,
    /// Its branches.
    pub branches: [Unit; 3],
    /// The sibling county.
    pub other_county: Unit,
    /// The sibling's branch.
    pub other_branch: Unit,
}

/// One installation.
pub struct World {
    /// The services.
    pub app: App,
    /// State of the handlers.
    pub state: WebState,
    /// The clock.
    pub clock: Arc<Clock>,
    /// The organisation.
    pub org: Org,
    /// What the answers are checked against.
    pub guard: Arc<Guard>,
    /// The key file of the ring.
    pub key_file: KeyFile,
    /// The router of the program.
    pub router: Router,
    signed_in: Mutex<HashMap<String, Browser>>,
    folder: tempfile::TempDir,
    db: TestDb,
}

/// Runs a test on an engine; says so when the engine is not there.
pub async fn on<F: Future<Output = ()>>(engine: On, test: impl FnOnce(World) -> F) {
    if let Some(world) = World::new(engine).await {
        test(world).await;
    }
}

/// A fresh migrated database, or `None` (and a line that says so).
pub async fn database(on: On) -> Option<TestDb> {
    if on == On::Sqlite {
        return Some(TestDb::sqlite(MIGRATIONS).await.unwrap());
    }
    match std::env::var("ZF_TEST_PG") {
        Ok(url) if !url.is_empty() => Some(TestDb::postgres(&url, MIGRATIONS).await.unwrap()),
        _ => {
            println!("skipped: ZF_TEST_PG is not set");
            None
        }
    }
}

/// A statement of a test. The text lives as long as the process.
pub fn sql(text: impl Into<String>) -> Sql {
    Sql {
        name: "TEST",
        text: Box::leak(text.into().into_boxed_str()),
        scope: Scope::Ref,
        module: "tests",
    }
}

impl World {
    /// A world on an engine; `None` (and a line that says so) without it.
    pub async fn new(on: On) -> Option<World> {
        World::with_packs(on, None).await
    }

    /// As [`World::new`], with the packs of a folder beside those of the program.
    pub async fn with_packs(on: On, folder: Option<&Path>) -> Option<World> {
        crate::world::logs();
        let db = database(on).await?;
        let (ring, key_file) = Keyring::create_with(
            Suite::Intl,
            PASSPHRASE,
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        )
        .unwrap();
        // Monday morning.
        let start: Timestamp = "2026-11-23T09:00:00+08:00".parse().unwrap();
        let clock = Arc::new(Clock(AtomicI64::new(start.0)));
        let packs = Packs::with_folder(folder).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let app = App::new((*db).clone(), ring, clock.clone(), packs)
            .await
            .unwrap()
            .with_blobs(&folder.path().join("blobs"));
        let org = organisation(&app).await;
        zf_kernel::setting::setting_write(
            &app,
            &machine(&app, &org.head),
            &org.head,
            "system.demo",
            json!(true),
        )
        .await
        .unwrap();
        let info = Info {
            version: "0.0.0".to_owned(),
            bank_name: "测试银行".to_owned(),
            demo: true,
            secure_cookies: false,
            address_header: None,
        };
        let state = WebState::new(app.clone(), info);
        // An answer that never ends would never be read: the stream of notices
        // ends at once, unless a test wants it.
        state.stopping.store(true, Ordering::SeqCst);
        let router = zf_server::build_router(state.clone());
        Some(World {
            app,
            state,
            clock,
            org,
            guard: Arc::new(Guard::default()),
            key_file,
            router,
            signed_in: Mutex::new(HashMap::new()),
            folder,
            db,
        })
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        self.db.name()
    }

    /// What opens the same database again.
    pub fn url(&self) -> &str {
        self.db.url()
    }

    /// The database file and its write-ahead log; empty on PostgreSQL.
    pub fn files(&self) -> Vec<PathBuf> {
        let Some(path) = self.db.url().strip_prefix("sqlite:") else {
            return vec![];
        };
        [path.to_owned(), format!("{path}-wal")]
            .into_iter()
            .map(PathBuf::from)
            .collect()
    }

    /// A browser that is not signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), self.guard.clone())
    }

    /// The router with one check of one operation left out. `stand_in` is as
    /// whom an anonymous caller passes when that check is [`Check::SignedIn`].
    pub fn mutant(&self, operation: &str, check: Check, stand_in: Option<&SignedIn>) -> Router {
        let mut state = self.state.clone();
        state.mutation = Some(Arc::new(Mutation {
            operation: operation.to_owned(),
            check,
            stand_in: stand_in.cloned(),
        }));
        zf_server::build_router(state)
    }

    /// The context of the machine on the whole tree.
    pub fn machine(&self) -> Ctx {
        machine(&self.app, &self.org.head)
    }

    /// The machine's right on one unit.
    pub fn scope(&self, permission: Permission, unit: &Unit) -> UnitScope {
        self.machine().scope(permission, unit).unwrap()
    }

    /// Makes an account.
    pub async fn account(&self, login: &str, grants: &[(&str, &Unit)], demo: bool) -> User {
        let home = grants.first().map_or(&self.org.head, |(_, unit)| *unit);
        let grants = grants.iter().map(|(role, unit)| Grant {
            role_id: (*role).to_owned(),
            unit_id: unit.id,
        });
        let new = NewUser {
            login: login.to_owned(),
            name: format!("用户{login}"),
            staff_id: None,
            grants: grants.collect(),
            is_demo: demo,
            password: Some(PASSWORD.to_owned()),
        };
        let scope = self.scope(Permission::UserWrite, home);
        let made = user_add(&self.app, &self.machine(), &scope, &new).await;
        made.unwrap().0
    }

    /// A signed-in browser of somebody with one role at one unit; the account
    /// is made the first time.
    pub async fn role_at(&self, role: &str, unit: &Unit) -> Browser {
        let login = format!("{}-{}", role.replace('_', "-"), unit.code);
        let known = self.signed_in.lock().unwrap().get(&login).cloned();
        if let Some(browser) = known {
            return browser;
        }
        if self
            .count(&format!(
                "SELECT COUNT(*) FROM user_account WHERE login = '{login}'"
            ))
            .await
            == 0
        {
            self.account(&login, &[(role, unit)], false).await;
        }
        let browser = self.browser().sign_in(&login, PASSWORD).await;
        self.signed_in
            .lock()
            .unwrap()
            .insert(login, browser.clone());
        browser
    }

    /// Moves the clock on to a moment; whoever was signed in signs in anew.
    pub fn it_is_now(&self, moment: &str) {
        let moment: Timestamp = moment.parse().unwrap();
        let seconds = (moment.0 - self.clock.now().0) / 1_000_000;
        self.clock.forward_seconds(seconds);
        self.signed_in.lock().unwrap().clear();
    }

    /// The account behind a signed-in browser.
    pub async fn behind(&self, browser: &Browser) -> SignedIn {
        let token = browser.token().unwrap();
        let found = session_find(&self.app, token, self.clock.now()).await;
        let (session, user) = found.unwrap().unwrap();
        let actor = grant::actor_of(&self.app, &user).await.unwrap();
        SignedIn {
            user,
            session,
            actor,
        }
    }

    /// Where the accounts of a role usually are.
    pub fn home_of(&self, role: &str) -> &Unit {
        match role {
            "branch_head" | "visitor" => &self.org.branches[0],
            "city_coordinator" => &self.org.city,
            "system_admin" | "security_admin" | "audit_admin" => &self.org.head,
            _ => &self.org.county,
        }
    }

    /// [`World::role_at`] where accounts of the role usually are.
    pub async fn role(&self, role: &str) -> Browser {
        self.role_at(role, &self.home_of(role).clone()).await
    }

    /// Runs every job that waits.
    pub async fn drain(&self) -> usize {
        worker::drain(&self.app, &zf_server::handlers())
            .await
            .unwrap()
    }

    /// Runs a statement of a test.
    pub async fn exec(&self, text: &str, params: Vec<Value>) -> u64 {
        self.db.exec(sql(text), params).await.unwrap()
    }

    /// Reads with a statement of a test.
    pub async fn query(&self, text: &str, params: Vec<Value>) -> Vec<Row> {
        self.db.query(sql(text), params).await.unwrap()
    }

    /// The number a counting statement gives.
    pub async fn count(&self, text: &str) -> i64 {
        self.query(text, vec![]).await[0].get(0).unwrap()
    }

    /// Adds an invented person to a branch over HTTP; their values are planted.
    pub async fn add_customer(&self, browser: &Browser, unit: &Unit, p: &Person) -> Json {
        self.guard.plant(&people::needles([p]));
        let body = json!({
            "customer_no": p.no, "name": p.name, "phone": p.phone,
            "id_number": p.id_number, "address": p.address,
        });
        let path = format!("/units/{}/customers", unit.id);
        browser.post(&path, body).await.good()
    }

    /// Uploads a file, runs the job, gives the import with its first errors.
    pub async fn import(&self, browser: &Browser, kind: &str, name: &str, bytes: &[u8]) -> Json {
        let started = browser.upload(kind, name, bytes, false).await.good();
        self.drain().await;
        let path = format!("/imports/{}", started["id"].as_str().unwrap());
        browser.get(&path).await.good()
    }
}

fn machine(app: &App, root: &Unit) -> Ctx {
    Ctx::for_job(
        UserId(uuid::Uuid::nil()),
        "set-up",
        root,
        app.now(),
        app.new_id(),
    )
}

async fn organisation(app: &App) -> Org {
    let input = |code: &str, name: &str, level: Level| UnitInput {
        code: code.to_owned(),
        name: name.to_owned(),
        level,
        parent: None,
        area_kind: (level == Level::Branch).then(|| "rural".to_owned()),
        market_kind: (level == Level::Branch).then(|| "rural".to_owned()),
        place: zf_base::geo::Point::new(38.9, 82.1).ok(),
        datum: Some(zf_base::geo::Datum::Wgs84),
        phone: None,
        active: true,
    };
    // The very first unit has no tree to be in yet.
    let nothing = Ctx::for_user(
        zf_kernel::Actor {
            user_id: UserId(uuid::Uuid::nil()),
            name: "set-up".to_owned(),
            grants: vec![],
        },
        app.now(),
        app.new_id(),
    );
    let head = input("10", "测试总行", Level::Head);
    let head = unit_add_root(app, &nothing, &head, true).await.unwrap();
    let add = async |parent: &Unit, code: &str, name: &str, level: Level| {
        let ctx = machine(app, &head);
        let scope = ctx.scope(Permission::UnitWrite, parent).unwrap();
        unit_add(app, &ctx, &scope, &input(code, name, level), true)
            .await
            .unwrap()
    };
    let city = add(&head, "1001", "明川分行", Level::City).await;
    let county = add(&city, "100101", "云溪支行", Level::County).await;
    let branches = [
        add(&county, "10010101", "青山网点", Level::Branch).await,
        add(&county, "10010102", "白水网点", Level::Branch).await,
        add(&county, "10010103", "红土网点", Level::Branch).await,
    ];
    let other_county = add(&city, "100102", "石桥支行", Level::County).await;
    let other_branch = add(&other_county, "10010201", "石桥网点", Level::Branch).await;
    Org {
        head,
        city,
        county,
        branches,
        other_county,
        other_branch,
    }
}

static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl std::io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGS.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Collects everything the program logs, of all tests of the process.
fn logs() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(|| LogWriter)
            .finish();
        let _ = tracing::subscriber::set_global_default(subscriber);
    });
}

/// Everything logged so far.
pub fn logged() -> Vec<u8> {
    LOGS.lock().unwrap().clone()
}
