//! Rights and rules: who may do what, and what becomes of what they take away.

mod bans;
mod removed_text;
mod review;
mod rights;
mod rules_table;
