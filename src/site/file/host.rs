//! The keys of `host`: the facts of the site's own host.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::AnyScalar;
use crate::site::model::AddressFamily;

/// Facts of the site's own host, as the app's processes meet them. What is left out is as Docker
/// gives it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Host")]
pub(in crate::site) struct HostFile {
    /// The host's own name, as `hostname` says it; the site's name if left out. A proxy on a host of its
    /// own (`proxy.host`) reaches the app by it.
    #[schemars(example = &"web1")]
    pub(in crate::site) hostname: Option<String>,
    /// A `/tmp` that is a file system of its own, in memory and empty at the start.
    pub(in crate::site) tmp: Option<TemporaryFile>,
    /// The size of `/dev/shm`; 64MiB if left out.
    #[schemars(example = &"64MiB")]
    pub(in crate::site) shm: Option<String>,
    /// The most files that one process may have open: a number, or as systemd writes it,
    /// `1024:524288`: at first, and up to what the process may raise it.
    #[schemars(example = 1024)]
    pub(in crate::site) open_files: Option<AnyScalar>,
    /// Other limits of each process.
    pub(in crate::site) limits: LimitsFile,
    /// True where the app's processes can write to nothing but `data`, `writable`, the temporary
    /// folders and their own folder below `/run`, as under systemd's `ProtectSystem=strict`. Deploy
    /// steps are not bound by it.
    #[schemars(example = true)]
    pub(in crate::site) read_only_root: bool,
    /// Folders that the app's processes can write to although the root is read-only; they have to be
    /// there when the processes start.
    #[schemars(example = ["/var/cache/noticeboard"])]
    pub(in crate::site) writable: Vec<String>,
    /// Another day for the site: a shift, `+400d` or `-2h` (d, h, min, s), or a moment at which the
    /// replica starts, `2027-03-01T09:00` in the site's time zone. Holds for the app's processes, the
    /// deploy steps, the diagnosis and the suite; certificates are issued for that day. Services and
    /// the proxy keep the real time.
    #[schemars(example = &"+400d")]
    pub(in crate::site) clock: Option<String>,
    /// Locales that the host has generated beside `base.locale` and `wsgi.locale`, as its `/etc/locale.gen` lists
    /// them: those that `setlocale` and `gettext` of the app can take. (`locales-all` in `base.packages` is all of
    /// them.)
    #[schemars(example = ["fr_FR.UTF-8", "de_DE.ISO-8859-1"])]
    pub(in crate::site) locales: Vec<String>,
    /// Where `/etc/localtime` leads, if not to `base.timezone`, which `/etc/timezone` says then: an administrator
    /// has changed one of both. (What the processes have as `TZ` stands in `env`.)
    #[schemars(example = &"Etc/UTC")]
    pub(in crate::site) localtime: Option<String>,
    /// Lines of the host's own `/etc/hosts`, which is asked before any name server: a name, and its address on the
    /// host itself (`127.0.0.1`, `::1`, `0.0.0.0`), or the service of the site that it leads to.
    #[schemars(example = BTreeMap::from([("www.site-b.example", "127.0.0.1"), ("db-primary", "db")]))]
    pub(in crate::site) hosts: BTreeMap<String, String>,
    /// The service through which alone the hosts of `outside` are reached, as by the forward proxy of a company:
    /// their names lead nowhere but there. The app knows it by its own variables, such as `HTTPS_PROXY` in
    /// `env`; who goes past it is refused, and the report says so.
    #[schemars(example = &"proxy")]
    pub(in crate::site) way_out: Option<String>,
    /// How the host looks up names.
    pub(in crate::site) resolver: LookupFile,
}

/// A `/tmp` that is a file system of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Temporary")]
pub(in crate::site) struct TemporaryFile {
    /// How much it holds; what is in there counts as memory of the app. Half of the machine's memory if
    /// left out.
    #[schemars(example = &"16MiB")]
    pub(in crate::site) size: Option<String>,
    /// False where nothing in there can be run or loaded (mount option `noexec`).
    pub(in crate::site) exec: bool,
}

impl Default for TemporaryFile {
    fn default() -> Self {
        TemporaryFile { size: None, exec: true }
    }
}

/// Limits of each process (`man 2 setrlimit`): a size, `0` or `unlimited`. What is left out is the
/// Docker engine's.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Limits")]
pub(in crate::site) struct LimitsFile {
    /// The largest file that it may write.
    #[schemars(example = &"100MiB")]
    pub(in crate::site) file_size: Option<AnyScalar>,
    /// The stack of its first thread, and what others begin with.
    #[schemars(example = &"8MiB")]
    pub(in crate::site) stack: Option<AnyScalar>,
    /// Its data segment: heap and anonymous memory.
    #[schemars(example = &"256MiB")]
    pub(in crate::site) data: Option<AnyScalar>,
    /// Memory that is never swapped out.
    #[schemars(example = &"64KiB")]
    pub(in crate::site) locked_memory: Option<AnyScalar>,
    /// What it leaves behind when it crashes.
    #[schemars(example = 0)]
    pub(in crate::site) core: Option<AnyScalar>,
}

/// How the host looks up names (`man 5 resolv.conf`).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Lookup")]
pub(in crate::site) struct LookupFile {
    /// The address families that the host has. `[ipv4]`: IPv6 is switched off, and nothing can listen
    /// on `::` or `::1`. `[ipv6, ipv4]`: the site, its services and its stubs have addresses of both,
    /// and IPv6 is tried first; `[ipv4, ipv6]`: both, and IPv4 is tried first. If left out, names have
    /// IPv4 addresses only, but the loopback has both.
    #[schemars(example = ["ipv6", "ipv4"])]
    pub(in crate::site) families: Option<Vec<AddressFamily>>,
    /// Domains that are tried behind a short name.
    #[schemars(example = ["corp.example"])]
    pub(in crate::site) search: Vec<String>,
    /// A name with so many dots is tried as it is before the search domains are.
    #[schemars(example = 1, range(min = 0, max = 15))]
    pub(in crate::site) ndots: Option<u8>,
    /// Seconds that one question waits for its answer.
    #[schemars(example = 5, range(min = 1, max = 30))]
    pub(in crate::site) timeout: Option<u8>,
    /// How often a question is asked.
    #[schemars(example = 2, range(min = 1, max = 5))]
    pub(in crate::site) attempts: Option<u8>,
}
