//! Passwords: argon2id, on threads that may wait, few at a time.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::error::AuthError;
use super::secret::Secret;

/// Fewest bytes of a password.
pub(super) const SHORTEST: usize = 12;
/// Most bytes: more only make the hash slow.
pub(super) const LONGEST: usize = 1024;

/// Memory of one hash, in KiB: above what the OWASP names (19 MiB, two passes).
const MEMORY_KIB: u32 = 32 * 1024;
const PASSES: u32 = 2;

/// Hashes computed at a time: attempts to sign in must not take the machine from queries.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

fn hasher() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> AuthError {
    AuthError::Crypto { what: "the hash of a password", source: Box::new(error) }
}

/// Whether it can be a password at all.
pub(super) fn check_length(password: &str) -> Result<(), AuthError> {
    if (SHORTEST..=LONGEST).contains(&password.len()) {
        return Ok(());
    }
    Err(AuthError::Password { shortest: SHORTEST, longest: LONGEST })
}

/// The hash of a password, with its parameters and salt (PHC string).
pub(super) async fn hash(password: Zeroizing<String>) -> Result<String, AuthError> {
    check_length(&password)?;
    on_a_place(move || hash_now(password.as_bytes())).await
}

fn hash_now(password: &[u8]) -> Result<String, AuthError> {
    let salt = Secret::random()?;
    let hash: PasswordHash =
        hasher()?.hash_password_with_salt(password, &salt.bytes()[..16]).map_err(failed)?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the hash. Without a hash the same work is done for nothing, so that the time does not
/// tell whether there is such a user.
pub(super) async fn verify(password: Zeroizing<String>, stored: Option<String>) -> Result<bool, AuthError> {
    on_a_place(move || {
        static NOBODY: LazyLock<Result<String, AuthError>> =
            LazyLock::new(|| hash_now(b"the password of nobody"));
        let nobody = NOBODY.as_ref().map_err(|error| AuthError::Crypto {
            what: "the hash of a password",
            source: error.to_string().into(),
        })?;
        let is_somebody = stored.is_some();
        let text = stored.as_deref().unwrap_or(nobody);
        let hash = PasswordHash::new(text).map_err(failed)?;
        // Nobody's password is too long to hash; the work is the same.
        let bytes = &password.as_bytes()[..password.len().min(LONGEST)];
        let is_right = hasher()?.verify_password(bytes, &hash).is_ok();
        Ok(is_right && is_somebody && password.len() <= LONGEST)
    })
    .await
}

async fn on_a_place<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    let place = Arc::clone(&PLACES).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        // Held to the end of the work, also when nobody waits for it any more.
        drop(place);
        result
    });
    done.await.map_err(AuthError::Worker)?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let stored = hash(text("correct horse battery")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"), "{stored}");
        assert!(verify(text("correct horse battery"), Some(stored.clone())).await.unwrap());
        assert!(!verify(text("correct horse batterz"), Some(stored.clone())).await.unwrap());
        assert!(!verify(text(""), Some(stored.clone())).await.unwrap());
        // Nobody's password opens nothing, whoever finds it in this file.
        assert!(!verify(text("the password of nobody"), None).await.unwrap());
        let other = hash(text("correct horse battery")).await.unwrap();
        assert_ne!(stored, other);
    }

    #[tokio::test]
    async fn a_short_or_endless_password_is_refused() {
        for length in [0, 11, 1025] {
            let refused = hash(Zeroizing::new("x".repeat(length))).await;
            assert!(matches!(refused, Err(AuthError::Password { .. })), "{length}");
        }
    }
}
