//! The packs of this installation: modules as data. The pure model and its
//! checks live in `zf_forms::pack`; here they are put together from the packs
//! compiled in and those the bank keeps in its data folder, and what all packs
//! offer is looked up. The kernel asks what is there, never which pack it is.

use crate::error::{KernelError, Result};
use serde::Deserialize;

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    /// Chinese, the first language.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A post of the staff.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    /// Code used in files and in the API.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Words,
}

#[derive(Deserialize)]
struct PostFile {
    post: Vec<Post>,
}

/// A role as a pack defines it.
#[derive(Clone, Debug, Deserialize)]
pub struct RoleDef {
    pub id: String,
    pub name: Words,
    pub permissions: Vec<String>,
    pub excludes: Vec<String>,
}

/// All packs.
pub struct Packs {
    posts: Vec<Post>,
    roles: Vec<RoleDef>,
}

impl Packs {
    /// The packs that are compiled in.
    pub fn embedded() -> Result<Packs> {
        let file: PostFile = toml::from_str(include_str!("../../presets/posts.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/posts.toml: {e}")))?;
        Ok(Packs { posts: file.post, roles: vec![] })
    }
    /// One post by code.
    pub fn post(&self, code: &str) -> Option<&Post> {
        self.posts.iter().find(|p| p.code == code)
    }
    /// All posts.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }
    /// Roles of all packs.
    pub fn roles(&self) -> impl Iterator<Item = &RoleDef> {
        self.roles.iter()
    }
}
