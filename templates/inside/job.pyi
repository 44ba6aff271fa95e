"""What the programs inside are asked, by program: the other side of `src/replica/job`, which says what each key means.

mypy holds the programs to it, and a test the jobs of sample sites. No program loads it."""

from typing import Any, TypedDict

from typing_extensions import NotRequired, TypeAlias

# A null, which a program looks for before it reads on.
Null: TypeAlias = Any

# network.py
class NetworkJob(TypedDict):
    name: str
    text: str
    nobody: list[str]

# step.py
class StepJob(TypedDict):
    command: str | list[str]
    env: dict[str, str]
    user: str
    folder: str
    timeout: float
    open_files: NotRequired[list[int] | Null]
    remove: NotRequired[list[str]]
    held: NotRequired[bool]

# enter.py
class EnterJob(TypedDict):
    env: dict[str, str]
    user: str | Null
    folder: str
    umask: int | Null
    open_files: list[int] | Null
    argv: list[str] | Null
    pid: str
    terminal: bool

# traffic.py
class TrafficJob(TypedDict):
    pages: list[str]
    first: bool
    pace: float
    patience: float
    verify: bool
    client: Client | Null

# relay.py
class RelayPlace(TypedDict):
    address: str
    port: int
    place: str

class RelayJob(TypedDict):
    places: list[RelayPlace]

# connections.py
class ConnectionsJob(TypedDict):
    user: str

# stop.py
class StopJob(TypedDict):
    processes: list[tuple[str, str]]

# switch.py
class Reload(TypedDict):
    role: str
    argv: list[str]
    env: dict[str, str]
    signal: str

class SwitchJob(TypedDict):
    proxy: Reload | Null
    processes: list[tuple[str, str]]
    next: str

# follow.py
class FollowJob(TypedDict):
    files: list[tuple[str, str]]
    since: float | Null
    follow: bool

# said.py
class SaidJob(TypedDict):
    files: list[tuple[str, str]]
    written: list[str]
    skip: NotRequired[dict[str, int]]
    sizes: NotRequired[bool]

# serve.py; what may be left out is not asked of the proxy's own host
ServeJob = TypedDict("ServeJob", {
    "processes": list[Process],
    "goes_on": NotRequired[list[str]],
    "listening": dict[str, list[int | str]],
    "check": NotRequired[LoadCheck],
    "probe": Probe,
    "import": NotRequired[ImportCheck],
    "confine": NotRequired[Confinement | Null],
    "mounting": NotRequired[bool],
    "open_files": NotRequired[list[int] | Null],
    "files": NotRequired[FilesJob],
})

class Process(TypedDict):
    role: str
    argv: list[str]
    env: dict[str, str]
    user: str | Null
    folder: str
    umask: NotRequired[int]
    socket: NotRequired[str]
    systemd: NotRequired[Systemd]
    log: str

class Systemd(TypedDict):
    private_tmp: NotRequired[bool]
    memory_deny_write_execute: NotRequired[bool]
    protect_home: NotRequired[str]
    group: NotRequired[str]
    restart: NotRequired[str]

class LoadCheck(TypedDict):
    role: str
    argv: list[str]
    env: dict[str, str]
    file: str

class Probe(TypedDict):
    url: Any  # a text, or null
    within: float
    status: NotRequired[int]
    json: NotRequired[Any]
    verify: NotRequired[bool]
    client: NotRequired[Client | Null]
    address: NotRequired[str | Null]
    direct: NotRequired[Direct]

# direct.py
class Direct(TypedDict):
    path: NotRequired[str]
    address: NotRequired[str]
    port: NotRequired[int]
    protocol: str
    host: str
    page: str
    secure: bool

# serve.py
class ImportCheck(TypedDict):
    argv: list[str]
    env: dict[str, str]
    user: str
    folder: str

class Confinement(TypedDict):
    roles: list[str]
    writable: list[str]

# files.py
class FilesJob(TypedDict):
    folders: list[str]
    left_out: list[str]
    data: list[str]
    described: list[str]
    secret: list[str]
    values: list[str]
    live: bool
    runs_own: dict[str, str]

# diagnose.py on the proxy's own host
class DiagnoseProxyJob(TypedDict):
    part: str
    processes: list[Started]
    logs: list[str]
    proxy_logs: list[str]
    seen: NotRequired[dict[str, int]]

# diagnose.py
class DiagnoseJob(TypedDict):
    names: list[str]
    address: str
    ipv6: NotRequired[str]
    elsewhere: dict[str, str]
    prefix: str
    tls: Tls | Null
    plain_http: str | Null
    health: Health
    process: int
    processes: list[Started]
    env: dict[str, str]
    standard: list[str]
    locale: str
    timezone: str
    user: str
    python: str
    python_version: str
    logs: list[str]
    proxy_logs: list[str]
    seen: NotRequired[dict[str, int]]
    services: list[Service]
    host: Facts
    hsts: NotRequired[Hsts]
    body: NotRequired[Body]
    umask: NotRequired[Umask]
    media: NotRequired[list[Media]]
    static_files: NotRequired[list[str]]
    applications: NotRequired[list[str]]
    units: NotRequired[list[Unit]]
    timers: NotRequired[list[Timer]]

class Started(TypedDict):
    role: str
    pid: int
    log: str

class Health(TypedDict):
    url: str
    status: int

class Hsts(TypedDict):
    url: str
    value: str

class Body(TypedDict):
    url: str
    bytes: int

class Umask(TypedDict):
    bits: int
    user: str

class Media(TypedDict):
    url: str
    folder: str
    user: str
    umask: int | Null

class Unit(TypedDict):
    role: str
    pid: int
    unit: Systemd
    log: str

class Timer(TypedDict):
    name: str
    command: str
    env: dict[str, str]
    folder: str
    timeout: float
    log: str

class Tls(TypedDict):
    versions: list[str]
    certificates: dict[str, Certificate]
    ciphers: list[str]
    client: Client | Null
    trust: str | Null

class Client(TypedDict):
    certificate: str
    key: str
    required: bool

Certificate = TypedDict("Certificate", {
    "names": list[str],
    "key": Key,
    "sent": int,
    "self_signed": bool,
    "from": Moment | Null,
    "until": Moment | Null,
    "wrong": list[str],
    "left_out": str | Null,
    "own_roots": list[str],
})

class Key(TypedDict):
    rsa: bool
    bits: int

Moment = TypedDict("Moment", {
    "in": NotRequired[int],
    "at": NotRequired[int],
})

class Service(TypedDict):
    role: str
    kind: str
    host: str
    port: int | Null
    tls_port: int | Null
    closed: int | Null
    behaviour: str | Null
    tls: str
    socket: NotRequired[str | Null]
    weather: NotRequired[Weather]
    login: NotRequired[Login | Null]
    addresses: NotRequired[list[str]]

class Weather(TypedDict):
    latency: float
    jitter: float
    black_hole: bool

class Login(TypedDict):
    database: str
    user: str
    method: str

# Each is a check of its own.
class Facts(TypedDict):
    user: NotRequired[User]
    hostname: NotRequired[str]
    tmp: NotRequired[Temporary]
    shm: NotRequired[int]
    open_files: NotRequired[list[int]]
    limits: NotRequired[dict[str, str]]
    writable: NotRequired[list[str]]
    clock: NotRequired[Clock]
    lookup: NotRequired[Lookup]
    without_ipv6: NotRequired[bool]
    locales: NotRequired[list[str]]
    localtime: NotRequired[str]
    hosts: NotRequired[dict[str, str]]
    families: NotRequired[Families]

class User(TypedDict):
    home: str | Null
    groups: list[str]

class Temporary(TypedDict):
    size: int | Null
    exec: bool

class Clock(TypedDict):
    shift: NotRequired[int]
    moment: NotRequired[int]

class Lookup(TypedDict):
    search: list[str]
    options: list[str]

class Families(TypedDict):
    names: dict[str, list[str]]
