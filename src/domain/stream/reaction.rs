//! The kinds of reaction. It must not know how they are counted.

use super::words;

words! {
    /// What a viewer can throw at the stage.
    pub ReactionKind {
        /// 👍, a thumb up.
        Like = "like",
        /// ❤️, a red heart.
        Love = "love",
        /// 😂, tears of joy.
        Laugh = "laugh",
        /// 😮, an open mouth.
        Wow = "wow",
        /// 👏, clapping hands.
        Clap = "clap",
        /// 🔥, a small fire.
        Fire = "fire",
    }
}
