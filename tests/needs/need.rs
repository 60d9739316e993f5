//! What a machine may lack, how it is found, and what becomes of a test without it.
//! It must not know what the tests do.

use libtest_mimic::{Failed, Trial};
use std::{
    env, fmt,
    path::{Path, PathBuf},
};

/// Where to find a program or a library that goes by several names.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const NGINX_RTMP: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
const FAKETIME: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// Something that a test cannot do without.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A Chromium in `PATH`.
    Chromium,
    /// A Firefox in `PATH`.
    Firefox,
    /// The programs that make, send and read pictures, ffmpeg and ffprobe, in `PATH`.
    Ffmpeg,
    /// nginx's RTMP module where Debian has it, and an nginx.
    NginxRtmp,
    /// A node in `PATH`.
    Node,
    /// The rules of axe, in the file that `LIVEHOUSE_AXE` names.
    Axe,
    /// A python that knows aiortc, numpy and aiohttp, which `LIVEHOUSE_TEST_AIORTC` names.
    Aiortc,
    /// The tool of Prometheus, in `PATH`.
    Promtool,
    /// What makes a PostgreSQL of a test's own, in `PATH` or where Debian has it, and a build that can use it.
    Postgres,
    /// A redis-server in `PATH`.
    Redis,
    /// A haproxy in `PATH`, or where Debian has it.
    Haproxy,
    /// The program of the version before, in the file that `LIVEHOUSE_TEST_OLD_BINARY` names.
    OldBinary,
    /// The library that bends the clock of a program, in its usual place or where `LIVEHOUSE_TEST_FAKETIME` says.
    Faketime,
}

impl Need {
    /// The program, file or address; none where it is missing.
    pub fn found(self) -> Option<String> {
        match self {
            Self::Chromium => in_path(&CHROMIUM).map(text),
            Self::Firefox => in_path(&["firefox-esr", "firefox"]).map(text),
            Self::Node => in_path(&["node"]).map(text),
            Self::Axe => named("LIVEHOUSE_AXE"),
            Self::Aiortc => named("LIVEHOUSE_TEST_AIORTC"),
            Self::Ffmpeg => in_path(&["ffprobe"]).and(in_path(&["ffmpeg"])).map(text),
            Self::NginxRtmp => {
                let nginx = || Path::new("/usr/sbin/nginx").is_file() || in_path(&["nginx"]).is_some();
                let module = || Path::new(NGINX_RTMP).is_file();
                (module() && nginx()).then(|| NGINX_RTMP.to_owned())
            }
            Self::Promtool => in_path(&["promtool"]).map(text),
            Self::Postgres => postgres().filter(|_| cfg!(feature = "postgres")).map(text),
            Self::Redis => in_path(&["redis-server", "valkey-server"]).map(text),
            Self::Haproxy => {
                let place = || Some(PathBuf::from("/usr/sbin/haproxy")).filter(|path| path.is_file());
                in_path(&["haproxy"]).or_else(place).map(text)
            }
            Self::OldBinary => named("LIVEHOUSE_TEST_OLD_BINARY"),
            Self::Faketime => named("LIVEHOUSE_TEST_FAKETIME").or_else(|| {
                FAKETIME.iter().find(|path| Path::new(path).is_file()).map(|path| (*path).to_owned())
            }),
        }
    }

    /// Whether its absence is a failure: on a machine that is there to run every test, or where its variable is `1`.
    fn required(self) -> bool {
        let variable = match self {
            Self::Chromium | Self::Firefox | Self::Axe | Self::Node => "LIVEHOUSE_REQUIRE_BROWSER",
            Self::Aiortc | Self::Ffmpeg | Self::NginxRtmp => "LIVEHOUSE_REQUIRE_PICTURE",
            Self::Promtool => "LIVEHOUSE_REQUIRE_PROMTOOL",
            // A build without it cannot be made to have it.
            Self::Postgres | Self::Redis | Self::Haproxy if !cfg!(feature = "postgres") => return false,
            // No machine has it unless somebody brings it.
            Self::OldBinary => return false,
            Self::Postgres => "LIVEHOUSE_REQUIRE_POSTGRES",
            Self::Redis | Self::Haproxy => "LIVEHOUSE_REQUIRE_REDIS",
            Self::Faketime => "LIVEHOUSE_REQUIRE_FAKETIME",
        };
        is(variable, "1") || is("CI", "true")
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "a Chromium in PATH",
            Self::Firefox => "a Firefox in PATH",
            Self::Node => "a node in PATH",
            Self::Axe => "LIVEHOUSE_AXE=…/axe.min.js",
            Self::Aiortc => "LIVEHOUSE_TEST_AIORTC=…/python, with aiortc",
            Self::Ffmpeg => "ffmpeg and ffprobe in PATH",
            Self::NginxRtmp => "nginx and libnginx-mod-rtmp",
            Self::Promtool => "promtool in PATH",
            Self::Postgres => "initdb and postgres, and the feature postgres",
            Self::Redis => "a redis-server in PATH",
            Self::Haproxy => "a haproxy in PATH",
            Self::OldBinary => "LIVEHOUSE_TEST_OLD_BINARY=…/livehouse, of the version before",
            Self::Faketime => "libfaketime",
        })
    }
}

/// A test that is run where all it needs is there.
pub fn test<F: Future<Output = ()> + 'static>(name: &str, needs: &[Need], body: fn() -> F) -> Trial {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| need.found().is_none()).collect();
    let name = name.split_once("::").map_or(name, |(_, rest)| rest);
    if let Some(need) = missing.iter().copied().find(|need| need.required()) {
        return Trial::test(name, move || Err(Failed::from(format!("required here, and missing: {need}"))));
    }
    let told = missing.first().map(|need| format!("needs {need}")).unwrap_or_default();
    let run = move || {
        run(body);
        Ok(())
    };
    Trial::test(name, run).with_kind(told).with_ignored_flag(!missing.is_empty())
}

fn run<F: Future<Output = ()>>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(body());
}

/// The tests of a module, each a function by its name: `tests![[Chromium]: a_show, a_crash]`.
macro_rules! tests {
    ([$($need:ident),+]: $($test:ident),+ $(,)?) => {
        $crate::need::tests!(@ { use $crate::need::Need::*; &[$($need),+] } $($test),+)
    };
    (@ $needs:block $($test:ident),+) => {
        vec![$($crate::need::test(concat!(module_path!(), "::", stringify!($test)), $needs, $test)),+]
    };
}
pub(crate) use tests;

fn in_path(names: &[&str]) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    let dirs: Vec<PathBuf> = env::split_paths(&paths).collect();
    let places = names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
    places.into_iter().find(|path| path.is_file())
}

/// The directory of the programs of PostgreSQL, the newest where there are several.
fn postgres() -> Option<PathBuf> {
    if let Some(initdb) = in_path(&["initdb"]) {
        // A link may stand there for it, without its siblings.
        return Some(initdb.canonicalize().ok()?.parent()?.to_owned());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(number)?;
    Some(newest.join("bin")).filter(|bin| bin.join("initdb").is_file())
}

/// The file that a variable names; one that names nothing is a mistake, not an absence.
fn named(variable: &str) -> Option<String> {
    let path = PathBuf::from(env::var_os(variable)?);
    assert!(path.is_file(), "{variable} names no file: {}", path.display());
    Some(text(path))
}

fn text(path: PathBuf) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn is(variable: &str, value: &str) -> bool {
    env::var(variable).is_ok_and(|found| found == value)
}
