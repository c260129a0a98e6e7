//! The program `zoufang`. Everything is in the library.

fn main() -> std::process::ExitCode {
    zf_server::cli::run()
}
