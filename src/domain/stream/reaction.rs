//! The kinds of reaction. It must not know how they are counted.

use super::words;

words! {
    /// What a viewer can throw at the stage.
    pub ReactionKind {
        /// 👍
        Like = "like",
        /// ❤️
        Love = "love",
        /// 😂
        Laugh = "laugh",
        /// 😮
        Wow = "wow",
        /// 👏
        Clap = "clap",
        /// 🔥
        Fire = "fire",
    }
}
