use tracing_subscriber::EnvFilter;

/// Logs as JSON lines on standard output, `level` and above for our own code.
pub fn init_logs(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call, as in tests, changes nothing.
    let _ =
        tracing_subscriber::fmt().json().with_env_filter(filter).with_current_span(true).with_ansi(false).try_init();
}
