//! What the kernel lets a container do that has the right to mount: not even root in there, with code of
//! somebody else's in its image, shall come by more than a site needs. Docker's own profile gives everything
//! to whoever has `CAP_SYS_ADMIN`, also what leads to the engine's host: a control group's release agent, a
//! `/proc/sys` that can be written to.
//! <https://docs.docker.com/engine/security/seccomp/>

use serde_json::{Value, json};

const MS_RDONLY: u64 = 1;
/// `MS_NOSUID`, `MS_NODEV`, `MS_NOEXEC`.
const MS_KEPT: u64 = 2 | 4 | 8;
const MS_REMOUNT: u64 = 32;
const MS_BIND: u64 = 4096;
const MS_REC: u64 = 16384;
const MS_PRIVATE: u64 = 1 << 18;
const CLONE_NEWNS: u64 = 0x0002_0000;
/// Every `CLONE_NEW...` that makes a namespace.
const CLONE_NEW: u64 = 0x7e02_0000;

/// Types of `ioctl` that act on the file system that a file of Docker's is on, and so on the engine's host:
/// those of XFS and of freezing, of ext4, of Btrfs.
const REFUSED_IOCTLS: [u8; 3] = [b'X', b'f', 0x94];
/// Advices from here on take memory away from the whole machine (`MADV_HWPOISON`).
const MADV_HIGH: u64 = !63;

/// What programs of a site need, none of which asks for a capability that lets others be harmed.
const ALLOWED: [&str; 15] = [
    // Files by name.
    "access chdir chmod chown creat faccessat faccessat2 fchmodat fchmodat2 fchownat getcwd lchown link linkat lstat \
     mkdir mkdirat newfstatat open openat openat2 readlink readlinkat rename renameat renameat2 rmdir stat statfs \
     statx symlink symlinkat truncate unlink unlinkat utime utimensat utimes futimesat mknod mknodat umask",
    // Files that are open.
    "close close_range copy_file_range dup dup2 dup3 fadvise64 fallocate fchdir fchmod fchown fcntl fdatasync flock \
     fstat fstatfs fsync ftruncate getdents getdents64 lseek pread64 preadv preadv2 pwrite64 pwritev pwritev2 read \
     readahead readv sendfile splice sync sync_file_range syncfs tee vmsplice write writev",
    // Attributes.
    "fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr lremovexattr lsetxattr \
     removexattr setxattr",
    // Waiting for files.
    "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 inotify_add_watch \
     inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit \
     poll ppoll pselect6 select signalfd signalfd4 timerfd_create timerfd_gettime timerfd_settime",
    // Sockets and pipes.
    "accept accept4 bind connect getpeername getsockname getsockopt listen pipe pipe2 recvfrom recvmmsg recvmsg \
     sendmmsg sendmsg sendto setsockopt shutdown socketpair",
    // Memory.
    "brk memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap pkey_alloc \
     pkey_free pkey_mprotect membarrier",
    // Processes.
    "execve execveat exit exit_group fork getpgid getpgrp getpid getppid getpriority getrlimit getrusage getsid gettid \
     kill pidfd_open pidfd_send_signal prctl prlimit64 setpgid setpriority setrlimit setsid tgkill times tkill vfork \
     wait4 waitid rseq arch_prctl",
    // Who one is.
    "capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid setgroups \
     setregid setresgid setresuid setreuid setuid",
    // Threads.
    "futex futex_waitv get_robust_list set_robust_list set_tid_address sched_getaffinity sched_getattr \
     sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval \
     sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield getcpu",
    // Signals.
    "pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend \
     rt_sigtimedwait rt_tgsigqueueinfo sigaltstack",
    // Time.
    "alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time timer_create \
     timer_delete timer_getoverrun timer_gettime timer_settime",
    // Memory, semaphores and messages of System V and of POSIX.
    "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget \
     semop semtimedop shmat shmctl shmdt shmget",
    // The machine.
    "getrandom sysinfo uname ioprio_get ioprio_set",
    // A process may take more away from itself.
    "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp",
    // Old numbers of the same on other architectures.
    "fstatat64 fcntl64 stat64 lstat64 fstat64",
];

/// The engine's option.
pub(super) fn option() -> String {
    format!("seccomp={}", profile())
}

fn profile() -> Value {
    let names: Vec<&str> = ALLOWED.iter().flat_map(|names| names.split_whitespace()).collect();
    let mut rules = vec![
        json!({"names": names, "action": "SCMP_ACT_ALLOW"}),
        // Not the sockets by which virtual machines speak to their host.
        only(&["socket"], json!({"index": 0, "value": 40, "op": "SCMP_CMP_NE"})),
        only(&["personality"], json!({"index": 0, "value": 0, "op": "SCMP_CMP_EQ"})),
        only(&["personality"], json!({"index": 0, "value": 0xffff_ffff_u64, "op": "SCMP_CMP_EQ"})),
        only(&["clone"], masked_argument(0, CLONE_NEW, 0)),
        only(&["unshare"], exactly(0, CLONE_NEWNS)),
        only(&["madvise"], masked_argument(2, MADV_HIGH, 0)),
        // Whole trees alone: with them goes what Docker has put over parts of `/proc`.
        only(&["mount"], exactly(3, MS_BIND | MS_REC)),
        only(&["mount"], exactly(3, MS_PRIVATE | MS_REC)),
        only(&["mount"], masked_argument(3, !MS_KEPT, MS_REMOUNT | MS_BIND | MS_RDONLY)),
        // Its flags are behind a pointer; glibc then asks with `clone`.
        json!({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}),
    ];
    rules.extend(all_but(&REFUSED_IOCTLS).into_iter().map(|(mask, value)| {
        only(&["ioctl"], masked_argument(1, u64::from(mask) << 8, u64::from(value) << 8))
    }));
    let architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
        .map(|name| json!({"architecture": name, "subArchitectures": []}));
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "archMap": architectures,
        "syscalls": rules,
    })
}

fn only(names: &[&str], argument: Value) -> Value {
    json!({"names": names, "action": "SCMP_ACT_ALLOW", "args": [argument]})
}

fn exactly(index: u32, value: u64) -> Value {
    json!({"index": index, "value": value, "op": "SCMP_CMP_EQ"})
}

fn masked_argument(index: u32, mask: u64, value: u64) -> Value {
    json!({"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"})
}

/// Masks and values that together are met by every byte but these: the widest parts of the range that hold
/// none of them.
fn all_but(refused: &[u8]) -> Vec<(u8, u8)> {
    let mut parts = vec![(0_u8, 0_u8)];
    let mut found = Vec::new();
    while let Some((mask, value)) = parts.pop() {
        if !refused.iter().any(|byte| byte & mask == value) {
            found.push((mask, value));
        } else if mask != u8::MAX {
            let bit = 0x80 >> mask.leading_ones();
            parts.extend([(mask | bit, value), (mask | bit, value | bit)]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_met_but_those_that_are_refused() {
        let parts = all_but(&REFUSED_IOCTLS);
        for byte in 0..=u8::MAX {
            let is_met = parts.iter().any(|(mask, value)| byte & mask == *value);
            assert_eq!(is_met, !REFUSED_IOCTLS.contains(&byte), "{byte:#x}");
        }
    }

    /// Calls that are allowed whatever their arguments are.
    #[test]
    fn nothing_that_only_the_right_to_mount_opens_is_allowed_as_it_comes() {
        let profile = profile();
        let always = profile["syscalls"][0]["names"].as_array().unwrap();
        for call in [
            "mount",
            "umount",
            "umount2",
            "unshare",
            "setns",
            "pivot_root",
            "chroot",
            "bpf",
            "fsopen",
            "fsconfig",
            "fsmount",
            "fspick",
            "move_mount",
            "open_tree",
            "mount_setattr",
            "quotactl",
            "perf_event_open",
            "keyctl",
            "ptrace",
            "process_vm_writev",
            "open_by_handle_at",
            "ioctl",
            "clone",
            "clone3",
            "madvise",
            "swapon",
            "io_uring_setup",
            "fanotify_init",
            "syslog",
            "sethostname",
            "userfaultfd",
        ] {
            assert!(!always.contains(&call.into()), "{call}");
        }
        assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
    }
}
