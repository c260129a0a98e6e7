//! Every limit on what comes in from outside, in one place, each with its
//! reason. These protect the machine; limits that are business rules (quotas,
//! windows, amounts) are parameters of packs and campaigns, not constants here.

/// Rows of one page of a list. A screen shows far fewer; 200 masked rows are about 100 KiB.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Rows of a page when the caller names no limit: one screen.
pub const PAGE_ROWS_DEFAULT: u32 = 50;
/// Rows of one import file: the source's campaign speaks of a million customers.
pub const IMPORT_ROWS_MAX: u64 = 1_000_000;
/// Bytes of one import file: a million rows of 300 bytes, with room.
pub const IMPORT_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Rows an import reads at once, and the fewest it commits at once per branch; it holds less than twice as many.
pub const IMPORT_BATCH_ROWS: usize = 1_000;
/// Findings written to an error workbook: beyond that the file itself is the wrong one.
pub const IMPORT_FINDINGS_MAX: usize = 10_000;
/// Characters of one cell of an import: Excel's own limit.
pub const IMPORT_CELL_CHARS_MAX: usize = 32_767;
/// Rows of an import file that a preview reads and tries: a few batches of a screen, answered at once.
pub const IMPORT_SAMPLE_ROWS: usize = 200;
/// Rows of an import file that a preview shows: one screen.
pub const IMPORT_PREVIEW_ROWS: usize = 20;
/// Days a file that was not imported, or its refused rows, are kept: nobody's data lies about for long.
pub const IMPORT_KEEP_DAYS: i64 = 7;
/// Seconds without a sign of life after which an import without a job has died.
pub const IMPORT_BEAT_SECONDS: i64 = 60;
/// Unpacked bytes of an `.xlsx`: stops an archive that unpacks to fill the disk.
pub const XLSX_UNPACKED_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of a base map of shapes: a county's boundaries and roads take a tenth; it is read whole.
pub const MAP_SHAPES_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes of a base map of tiles: a prefecture down to level 15; it is kept and read in parts.
pub const MAP_TILES_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Bytes of an ordinary JSON request. The largest, a week plan changed by hand, has about 60 KiB.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one filled-in form without its photos.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Fields of one form: beyond that no visitor finishes it at a door.
pub const FORM_FIELDS_MAX: usize = 300;
/// Characters of one CEL expression; parsing is recursive.
pub const EXPRESSION_CHARS_MAX: usize = 2_000;
/// Bytes of one photo: a phone's camera makes 3 to 8 MiB.
pub const PHOTO_BYTES_MAX: u64 = 12 * 1024 * 1024;
/// Bytes of one piece of a photo: a phone sends 256 KiB to 1 MiB, and an ordinary request has no more.
pub const PHOTO_PIECE_BYTES_MAX: usize = REQUEST_BYTES_MAX;
/// Photos of one visit.
pub const PHOTOS_PER_VISIT_MAX: usize = 12;
/// Levels of the unit tree: the largest banks have six; the rest is room, and stops a loop.
pub const ORG_DEPTH_MAX: usize = 12;
/// Characters of a name of a unit, person, campaign or village group.
pub const NAME_CHARS_MAX: usize = 100;
/// Characters of a code (unit, staff number, customer number).
pub const CODE_CHARS_MAX: usize = 40;
/// Characters of an address.
pub const ADDRESS_CHARS_MAX: usize = 200;
/// Characters of a free note.
pub const NOTE_CHARS_MAX: usize = 1_000;
/// Characters of a reason for a reveal or a correction: one or two sentences.
pub const REASON_CHARS_MAX: usize = 200;
/// Characters of a password: enough for a sentence; hashing time grows with it.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Must-visit tags of one customer: the source has ten groups.
pub const TAGS_PER_CUSTOMER_MAX: usize = 32;
/// Days a campaign may last: half a year in the source; three years stop a typing error.
pub const CAMPAIGN_DAYS_MAX: i32 = 1_100;
/// Targets of one branch in one week plan: keeps the planner inside its time budget.
pub const WEEK_TARGETS_MAX: usize = 5_000;
/// Characters of a search text.
pub const SEARCH_CHARS_MAX: usize = 60;
/// Bytes of a pack's file.
pub const PACK_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Seconds an HTTP request may take; longer work is a job.
pub const REQUEST_SECONDS_MAX: u64 = 30;
/// Seconds a stopping server waits for requests and jobs to finish.
pub const STOP_SECONDS_MAX: u64 = 20;
/// Units of one installation: the branch network of a nation.
pub const UNITS_MAX: usize = 50_000;
/// Seconds a worker may be silent before its job is given to another.
pub const JOB_LEASE_SECONDS: i64 = 120;
/// Attempts before a job is dead.
pub const JOB_ATTEMPTS: i64 = 8;
/// Days a calendar page may show at once.
pub const CALENDAR_DAYS_MAX: i32 = 400;
/// Records of one run of `zoufang dedup`: positions are kept in 32 bits.
pub const LINK_RECORDS_MAX: usize = 20_000_000;
