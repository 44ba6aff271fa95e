//! Which certificates: a private root per project, and chains of the described shape. Pure but for
//! the root's two files.
