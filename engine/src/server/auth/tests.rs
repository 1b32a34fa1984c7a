//! Signing in, with clocks and keys of the tests' own.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Accounts, AccountsOptions, AuthError, KeySource, NewUser, OidcOptions, TOKEN_LIFETIME};
use crate::lake::Lake;
use crate::server::identity::{Authenticator, Denied, Identity};
use crate::session::policy::Role;

const PASSWORD: &str = "correct horse battery";

/// A lake, its accounts, and a clock that the test sets.
struct House {
    folder: TempDir,
    keys: Option<TempDir>,
    lake: Lake,
    accounts: Accounts,
    clock: Arc<AtomicI64>,
}

impl House {
    async fn new(oidc: Option<OidcOptions>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::init(folder.path().join("lake").to_str().unwrap()).await.unwrap();
        let clock = Arc::new(AtomicI64::new(1_700_000_000));
        let accounts = open(&lake, &clock, oidc).await.unwrap();
        Self { folder, keys: None, lake, accounts, clock }
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    async fn with(role: Role, scope: Option<&str>) -> Self {
        let house = Self::new(None).await;
        house.accounts.add(NewUser { name: "ann", role, scope }, Some(text(PASSWORD))).await.unwrap();
        house
    }

    async fn sign_in(&self) -> Result<String, Denied> {
        let caller = self.accounts.password("ann", PASSWORD, None).await?;
        self.accounts.token(&caller, Uuid::nil())
    }

    async fn bearer(&self, token: &str) -> Result<Identity, Denied> {
        self.accounts.bearer(token, None).await
    }
}

async fn open(lake: &Lake, clock: &Arc<AtomicI64>, oidc: Option<OidcOptions>) -> Result<Accounts, AuthError> {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || DateTime::<Utc>::from_timestamp(clock.load(Ordering::SeqCst), 0).unwrap());
    Accounts::open(lake, AccountsOptions { refresh_every: Duration::ZERO, oidc, clock }).await
}

fn text(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

fn denied<T: std::fmt::Debug>(result: Result<T, Denied>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn nobody_is_there_before_the_first_administrator() {
    let house = House::new(None).await;
    for (name, password) in [("admin", "admin"), ("bilim", "bilim"), ("", ""), ("admin", "")] {
        assert_eq!(house.accounts.password(name, password, None).await, Err(Denied::Unknown), "{name}");
    }
    for token in [
        "",
        "bilim1..",
        "bilim1.7b7d.00",
        "bilimkey.",
        "bilimkey.a.b",
        "e30.e30.",
        "eyJhbGciOiJub25lIn0.e30.",
    ] {
        assert!(matches!(house.bearer(token).await, Err(Denied::Unknown)), "{token}");
    }
}

#[tokio::test]
async fn the_first_administrator_comes_with_a_token_that_is_good_once() {
    let house = House::new(None).await;
    let claim = async |token: &str| house.accounts.claim(token, "root", text(PASSWORD)).await;
    let first = house.accounts.begin().await.unwrap().unwrap();
    let token = house.accounts.begin().await.unwrap().unwrap();
    assert!(first != token && token.len() == 64);
    // The later token ends the earlier; a guess opens nothing.
    assert!(matches!(claim(&first).await, Err(AuthError::FirstToken)));
    assert!(matches!(claim("").await, Err(AuthError::FirstToken)));
    house.pass(TimeDelta::days(1));
    assert!(matches!(claim(&token).await, Err(AuthError::FirstToken)));
    house.pass(TimeDelta::seconds(-1));
    claim(&token).await.unwrap();
    let caller = house.accounts.password("root", PASSWORD, None).await.unwrap();
    assert_eq!((caller.name(), caller.role(), caller.scope()), ("root", Role::Ministry, None));
    assert!(matches!(claim(&token).await, Err(AuthError::FirstToken)));
    assert!(house.accounts.begin().await.unwrap().is_none());
    // The token is kept nowhere as it was shown.
    for bytes in files(&house.folder.path().join("lake/auth")) {
        let kept = String::from_utf8(bytes).unwrap();
        assert!(!kept.contains(token.as_str()) && !kept.contains(PASSWORD));
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_told_alike() {
    let house = House::with(Role::District, Some("113200000")).await;
    house.accounts.add(NewUser { name: "key", role: Role::Public, scope: None }, None).await.unwrap();
    house
        .accounts
        .add(NewUser { name: "off", role: Role::Public, scope: None }, Some(text(PASSWORD)))
        .await
        .unwrap();
    house.accounts.disable("off").await.unwrap();
    let attempt = async |name: &str, password: &str| house.accounts.password(name, password, None).await;
    let wrong = denied(attempt("ann", "wrong").await);
    assert_eq!(denied(attempt("nobody", PASSWORD).await), wrong);
    assert_eq!(denied(attempt("off", PASSWORD).await), wrong);
    assert_eq!(denied(attempt("key", "").await), wrong);
    assert_eq!(denied(attempt("ann", &"x".repeat(5000)).await), wrong);
    assert!(attempt("ann", PASSWORD).await.is_ok());
}

/// The work is the same; the bound is wide, because the machine has other things to do.
#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let house = House::with(Role::Public, None).await;
    house.accounts.password("nobody", "the first one makes the hash of nobody", None).await.unwrap_err();
    let timed = async |name: &str| {
        let mut best = Duration::MAX;
        for _ in 0..4 {
            house.pass(TimeDelta::hours(2));
            let begun = std::time::Instant::now();
            house.accounts.password(name, "wrong password", None).await.unwrap_err();
            best = best.min(begun.elapsed());
        }
        best.as_secs_f64()
    };
    let (known, unknown) = (timed("ann").await, timed("nobody").await);
    assert!((0.33..3.0).contains(&(unknown / known)), "{known} s and {unknown} s");
}

#[tokio::test]
async fn after_five_failures_a_name_has_to_wait_whether_it_exists_or_not() {
    let house = House::with(Role::Public, None).await;
    for name in ["ann", "nobody"] {
        for _ in 0..5 {
            assert_eq!(house.accounts.password(name, "wrong", None).await, Err(Denied::Unknown));
        }
        assert_eq!(house.accounts.password(name, PASSWORD, None).await, Err(Denied::TooMany), "{name}");
    }
    house.pass(TimeDelta::seconds(1));
    assert!(house.accounts.password("ann", PASSWORD, None).await.is_ok());
    let peer = Some(IpAddr::from([192, 0, 2, 1]));
    for _ in 0..60 {
        let _ = house.accounts.bearer("bilimkey.a.b", peer).await;
    }
    assert!(matches!(house.accounts.bearer("bilimkey.a.b", peer).await, Err(Denied::TooMany)));
}

#[tokio::test]
async fn a_token_is_good_for_its_time_and_renewed_before_its_end() {
    let house = House::with(Role::Organisation, Some("990140001005")).await;
    let token = house.sign_in().await.unwrap();
    let known = house.bearer(&token).await.unwrap();
    assert_eq!((known.caller.name(), known.caller.role()), ("ann", Role::Organisation));
    assert_eq!(known.caller.scope().unwrap().to_string(), "990140001005");
    assert_eq!((known.session, known.renewed), (Some(Uuid::nil()), None));
    house.pass(TimeDelta::minutes(11));
    let renewed = house.bearer(&token).await.unwrap().renewed.unwrap();
    house.pass(TimeDelta::minutes(4));
    assert_eq!(house.bearer(&token).await.unwrap_err(), Denied::Expired);
    assert!(house.bearer(&renewed).await.is_ok());
    house.pass(TOKEN_LIFETIME);
    assert_eq!(house.bearer(&renewed).await.unwrap_err(), Denied::Expired);
}

#[tokio::test]
async fn a_token_with_any_other_byte_is_nobodys() {
    let house = House::with(Role::Public, None).await;
    let token = house.sign_in().await.unwrap();
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(house.bearer(&changed).await.unwrap_err(), Denied::Unknown, "byte {at}");
    }
    for changed in
        [format!("{token}00"), token[..token.len() - 2].to_owned(), token.replace("bilim1", "bilim2")]
    {
        assert_eq!(house.bearer(&changed).await.unwrap_err(), Denied::Unknown);
    }
    // A token of another lake is signed with another key.
    let other = House::with(Role::Public, None).await;
    assert_eq!(house.bearer(&other.sign_in().await.unwrap()).await.unwrap_err(), Denied::Unknown);
}

#[tokio::test]
async fn tokens_end_with_what_they_were_given_for() {
    let house = House::with(Role::Region, Some("11")).await;
    let region = house.sign_in().await.unwrap();
    house.accounts.grant(NewUser { name: "ann", role: Role::Public, scope: None }).await.unwrap();
    assert_eq!(house.bearer(&region).await.unwrap_err(), Denied::Expired);
    let public = house.sign_in().await.unwrap();
    assert_eq!(house.bearer(&public).await.unwrap().caller.role(), Role::Public);
    house.accounts.set_password("ann", text("another password")).await.unwrap();
    assert_eq!(house.bearer(&public).await.unwrap_err(), Denied::Expired);
    assert_eq!(house.sign_in().await.unwrap_err(), Denied::Unknown);
    house.accounts.set_password("ann", text(PASSWORD)).await.unwrap();
    let token = house.sign_in().await.unwrap();
    // Another process disables the user: this one sees it at once.
    open(&house.lake, &house.clock, None).await.unwrap().disable("ann").await.unwrap();
    assert_eq!(house.bearer(&token).await.unwrap_err(), Denied::Unknown);
    assert_eq!(house.sign_in().await.unwrap_err(), Denied::Unknown);
}

#[tokio::test]
async fn a_new_signing_key_leaves_tokens_of_the_one_before_good() {
    let house = House::with(Role::Public, None).await;
    let first = house.sign_in().await.unwrap();
    house.accounts.maintain().await.unwrap();
    let second = house.sign_in().await.unwrap();
    house.accounts.rotate().await.unwrap();
    let third = house.sign_in().await.unwrap();
    for token in [&first, &second, &third] {
        assert!(house.bearer(token).await.is_ok());
    }
    house.accounts.rotate().await.unwrap();
    assert_eq!(house.bearer(&first).await.unwrap_err(), Denied::Unknown);
    assert!(house.bearer(&third).await.is_ok());
    // A key that has been in use for a month is followed by another.
    house.pass(TimeDelta::days(31));
    house.accounts.maintain().await.unwrap();
    let newest = house.sign_in().await.unwrap();
    house.accounts.maintain().await.unwrap();
    house.accounts.maintain().await.unwrap();
    assert!(house.bearer(&newest).await.is_ok());
}

#[tokio::test]
async fn a_key_of_a_program_is_good_until_it_expires_or_its_owner_goes() {
    let house = House::with(Role::Researcher, Some("11")).await;
    let key = house.accounts.key("ann", TimeDelta::days(90)).await.unwrap();
    let known = house.bearer(&key).await.unwrap();
    assert_eq!((known.caller.name(), known.session), ("ann", None));
    let (head, secret) = key.rsplit_once('.').unwrap();
    let other: String = secret.chars().rev().collect();
    assert_eq!(house.bearer(&format!("{head}.{other}")).await.unwrap_err(), Denied::Unknown);
    assert_eq!(house.bearer(&format!("bilimkey.0.{secret}")).await.unwrap_err(), Denied::Unknown);
    house.pass(TimeDelta::days(90));
    assert_eq!(house.bearer(&key).await.unwrap_err(), Denied::Unknown);
    let key = house.accounts.key("ann", TimeDelta::days(1)).await.unwrap();
    assert!(house.bearer(&key).await.is_ok());
    house.accounts.disable("ann").await.unwrap();
    assert_eq!(house.bearer(&key).await.unwrap_err(), Denied::Unknown);
    assert!(matches!(
        house.accounts.key("nobody", TimeDelta::days(1)).await,
        Err(AuthError::NoSuchUser { .. })
    ));
    house.accounts.grant(NewUser { name: "ann", role: Role::Public, scope: None }).await.unwrap();
    for _ in 0..20 {
        house.accounts.key("ann", TimeDelta::days(1)).await.unwrap();
    }
    assert!(matches!(house.accounts.key("ann", TimeDelta::days(1)).await, Err(AuthError::TooMany { .. })));
}

#[tokio::test]
async fn users_are_named_and_granted_as_the_rules_say() {
    let house = House::with(Role::Public, None).await;
    let add = async |name: &str, role, scope| house.accounts.add(NewUser { name, role, scope }, None).await;
    assert!(matches!(add("ann", Role::Public, None).await, Err(AuthError::Exists { .. })));
    for name in ["", "a b", "a\n", "айгүл", &"x".repeat(101), "a:b"] {
        assert!(matches!(add(name, Role::Public, None).await, Err(AuthError::Name { .. })), "{name}");
    }
    assert!(matches!(add("bob", Role::District, None).await, Err(AuthError::Caller(_))));
    assert!(matches!(add("bob", Role::District, Some("11")).await, Err(AuthError::Caller(_))));
    let short =
        house.accounts.add(NewUser { name: "bob", role: Role::Public, scope: None }, Some(text("short")));
    assert!(matches!(short.await, Err(AuthError::Password { .. })));
    let granted = house.accounts.grant(NewUser { name: "nobody", role: Role::Public, scope: None }).await;
    assert!(matches!(granted, Err(AuthError::NoSuchUser { .. })));
    assert_eq!(house.accounts.list().await.unwrap().len(), 1);
}

/// Sixteen processes add users at the same time: all of them are there.
#[tokio::test]
async fn no_change_is_lost_between_writers() {
    let house = House::new(None).await;
    let adds = (0..16).map(|number| {
        let (lake, clock) = (house.lake.clone(), Arc::clone(&house.clock));
        tokio::spawn(async move {
            let accounts = open(&lake, &clock, None).await.unwrap();
            let name = format!("user{number}");
            let user = NewUser { name: &name, role: Role::Public, scope: None };
            // Sixteen writers may each be overtaken by the fifteen others.
            accounts.add(user, None).await.unwrap();
        })
    });
    for added in adds.collect::<Vec<_>>() {
        added.await.unwrap();
    }
    assert_eq!(house.accounts.list().await.unwrap().len(), 16);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_of_the_lake_may_enter_the_area() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::with(Role::Public, None).await;
    let folder = house.folder.path().join("lake/auth");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    let damaged = folder.join("1.json");
    std::fs::write(folder.join("2.json"), b"{}").unwrap();
    assert!(damaged.exists());
    assert!(matches!(house.accounts.list().await, Err(AuthError::State { number: 2, .. })));
    assert!(matches!(house.accounts.password("ann", PASSWORD, None).await, Err(Denied::Failed { .. })));
}

/// An object store keeps accounts as a folder does.
#[tokio::test]
async fn accounts_live_in_an_object_store_too() {
    let lake = Lake::init("memory://accounts/lake").await.unwrap();
    let clock = Arc::new(AtomicI64::new(0));
    let accounts = open(&lake, &clock, None).await.unwrap();
    for name in ["ann", "bob"] {
        accounts.add(NewUser { name, role: Role::Public, scope: None }, None).await.unwrap();
    }
    let again = open(&lake, &clock, None).await.unwrap();
    assert_eq!(again.list().await.unwrap().len(), 2);
    again.disable("bob").await.unwrap();
    assert!(accounts.list().await.unwrap()[1].is_disabled);
}

/// Keys of an identity provider that exists only here.
struct Issuer {
    rsa: PKey<Private>,
    ec: EcKey<Private>,
    ed: PKey<Private>,
}

fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        Issuer {
            rsa: PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
            ec: EcKey::generate(&group).unwrap(),
            ed: PKey::generate_ed25519().unwrap(),
        }
    })
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn key_set() -> Value {
    let Issuer { rsa, ec, ed } = issuer();
    let rsa = rsa.rsa().unwrap();
    let (mut x, mut y) = (openssl::bn::BigNum::new().unwrap(), openssl::bn::BigNum::new().unwrap());
    let mut context = openssl::bn::BigNumContext::new().unwrap();
    ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context).unwrap();
    json!({ "keys": [
        { "kty": "RSA", "kid": "r", "use": "sig", "n": encode(rsa.n().to_vec()), "e": encode(rsa.e().to_vec()) },
        { "kty": "EC", "kid": "e", "crv": "P-256", "alg": "ES256",
          "x": encode(x.to_vec_padded(32).unwrap()), "y": encode(y.to_vec_padded(32).unwrap()) },
        { "kty": "OKP", "kid": "d", "crv": "Ed25519", "x": encode(ed.raw_public_key().unwrap()) },
        { "kty": "oct", "kid": "s", "k": encode(b"secret") },
    ]})
}

fn signed(header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let bytes = text.as_bytes();
    let sha256 = MessageDigest::sha256;
    let signature = match header["alg"].as_str().unwrap_or_default() {
        "RS256" => Signer::new(sha256(), &issuer().rsa).unwrap().sign_oneshot_to_vec(bytes).unwrap(),
        "PS256" => {
            let mut signer = Signer::new(sha256(), &issuer().rsa).unwrap();
            signer.set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS).unwrap();
            signer.set_rsa_mgf1_md(sha256()).unwrap();
            signer.sign_oneshot_to_vec(bytes).unwrap()
        }
        "ES256" => {
            let pair = EcdsaSig::sign(&openssl::hash::hash(sha256(), bytes).unwrap(), &issuer().ec).unwrap();
            [pair.r().to_vec_padded(32).unwrap(), pair.s().to_vec_padded(32).unwrap()].concat()
        }
        "EdDSA" => Signer::new_without_digest(&issuer().ed).unwrap().sign_oneshot_to_vec(bytes).unwrap(),
        // The trap: a secret that is the public key, as it is published.
        "HS256" => {
            let key = PKey::hmac(&issuer().rsa.public_key_to_pem().unwrap()).unwrap();
            Signer::new(sha256(), &key).unwrap().sign_oneshot_to_vec(bytes).unwrap()
        }
        _ => Vec::new(),
    };
    format!("{text}.{}", encode(signature))
}

const NOW: i64 = 1_700_000_000;

fn claims() -> Value {
    json!({ "iss": "https://login.example", "aud": "bilim", "sub": "ann", "iat": NOW - 100, "exp": NOW + 600 })
}

fn header(algorithm: &str, key: &str) -> Value {
    json!({ "alg": algorithm, "kid": key, "typ": "JWT" })
}

async fn with_provider(algorithms: &[&str]) -> House {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    std::fs::write(&path, key_set().to_string()).unwrap();
    let options = OidcOptions {
        issuer: "https://login.example".to_owned(),
        audience: "bilim".to_owned(),
        keys: KeySource::File(path),
        algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect(),
        name_claim: "sub".to_owned(),
    };
    let house = House { keys: Some(folder), ..House::new(Some(options)).await };
    house.accounts.add(NewUser { name: "ann", role: Role::Region, scope: Some("11") }, None).await.unwrap();
    assert!(house.keys.is_some());
    house
}

#[tokio::test]
async fn a_token_of_the_provider_says_who_and_the_grant_here_says_what() {
    let house = with_provider(&["RS256", "PS256", "ES256", "EdDSA"]).await;
    for (algorithm, key) in [("RS256", "r"), ("PS256", "r"), ("ES256", "e"), ("EdDSA", "d")] {
        let mut said = claims();
        // What the provider says about roles is its own business.
        said["role"] = json!("ministry");
        said["aud"] = json!(["other", "bilim"]);
        let known = house.bearer(&signed(&header(algorithm, key), &said)).await.unwrap();
        assert_eq!(
            (known.caller.role(), known.caller.scope().unwrap().to_string().as_str()),
            (Role::Region, "110000000")
        );
    }
    house.accounts.disable("ann").await.unwrap();
    assert_eq!(house.bearer(&signed(&header("RS256", "r"), &claims())).await.unwrap_err(), Denied::Unknown);
}

#[tokio::test]
async fn a_token_of_the_provider_with_anything_wrong_is_nobodys() {
    let house = with_provider(&["RS256", "ES256"]).await;
    let good = header("RS256", "r");
    let refused = async |what: &str, token: String| {
        assert_eq!(house.bearer(&token).await.unwrap_err(), Denied::Unknown, "{what}");
    };
    let changed = |name: &str, value: Value| {
        let mut said = claims();
        said[name] = value;
        signed(&good, &said)
    };
    assert!(house.bearer(&signed(&good, &claims())).await.is_ok());
    refused("issuer", changed("iss", json!("https://login.example/"))).await;
    refused("audience", changed("aud", json!("other"))).await;
    refused("audiences", changed("aud", json!(["other"]))).await;
    refused("no audience", changed("aud", Value::Null)).await;
    refused("not yet", changed("nbf", json!(NOW + 31))).await;
    refused("of the future", changed("iat", json!(NOW + 31))).await;
    refused("without end", changed("exp", Value::Null)).await;
    refused("for years", changed("exp", json!(NOW + 400 * 24 * 3600))).await;
    refused("overflow", changed("exp", json!(i64::MAX))).await;
    refused("unknown user", changed("sub", json!("bob"))).await;
    refused("name is no text", changed("sub", json!(["ann"]))).await;
    assert_eq!(house.bearer(&changed("exp", json!(NOW - 30))).await.unwrap_err(), Denied::Expired);
    assert!(house.bearer(&changed("exp", json!(NOW - 29))).await.is_ok());
    // Algorithms: none, a secret made of the public key, one not allowed, one of another kind of key.
    refused("none", signed(&header("none", "r"), &claims())).await;
    refused("None", signed(&header("None", "r"), &claims())).await;
    refused("HS256", signed(&header("HS256", "r"), &claims())).await;
    refused("EdDSA is not allowed", signed(&header("EdDSA", "d"), &claims())).await;
    refused("another kind of key", signed(&header("RS256", "e"), &claims())).await;
    refused("unknown key", signed(&header("RS256", "x"), &claims())).await;
    refused("symmetric key", signed(&header("RS256", "s"), &claims())).await;
    let mut critical = good.clone();
    critical["crit"] = json!(["b64"]);
    refused("extension", signed(&critical, &claims())).await;
    // Bytes: another payload under the same signature, a signature cut short, padding.
    let token = signed(&good, &claims());
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = claims();
    other["sub"] = json!("bob");
    refused("payload", format!("{}.{}.{}", parts[0], encode(other.to_string()), parts[2])).await;
    refused("cut", token[..token.len() - 4].to_owned()).await;
    refused("padding", format!("{token}=")).await;
    refused("more parts", format!("{token}.{}", parts[2])).await;
    refused("long", format!("{}.{}", "a".repeat(20_000), parts[2])).await;
}

#[tokio::test]
async fn a_provider_is_configured_whole_and_over_https() {
    let lake = House::new(None).await.lake;
    let clock = Arc::new(AtomicI64::new(NOW));
    let options = |keys: KeySource, algorithms: &[&str]| OidcOptions {
        issuer: "https://login.example".to_owned(),
        audience: "bilim".to_owned(),
        keys,
        algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect(),
        name_claim: "sub".to_owned(),
    };
    let url = |text: &str| KeySource::Url(text.to_owned());
    for (keys, algorithms) in [
        (url("http://login.example/keys"), &["RS256"][..]),
        (url("file:///etc/passwd"), &["RS256"][..]),
        (url("nonsense"), &["RS256"][..]),
        (url("https://login.example/keys"), &[][..]),
        (url("https://login.example/keys"), &["none"][..]),
        (url("https://login.example/keys"), &["HS256"][..]),
    ] {
        let opened = open(&lake, &clock, Some(options(keys.clone(), algorithms))).await;
        assert!(matches!(opened, Err(AuthError::Provider { .. })), "{keys:?} {algorithms:?}");
    }
    // A provider that cannot be reached lets nobody in, and says so to the log only.
    let missing = options(KeySource::File("/nowhere/keys.json".into()), &["RS256"]);
    let accounts = open(&lake, &clock, Some(missing)).await.unwrap();
    let token = signed(&header("RS256", "r"), &claims());
    let Err(error @ Denied::Failed { .. }) = accounts.bearer(&token, None).await else { unreachable!() };
    assert!(!error.to_string().contains("nowhere"), "{error}");
}

/// Keys over HTTP from a server of the test's own; a key that came later is found, and nobody can make us ask for each
/// token.
#[tokio::test]
async fn keys_are_read_from_an_address_and_not_more_often_than_needed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicI64::new(0));
    let count = Arc::clone(&asked);
    let server = tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let body = key_set().to_string();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    let options = OidcOptions {
        issuer: "https://login.example".to_owned(),
        audience: "bilim".to_owned(),
        keys: KeySource::Url(format!("http://{address}/keys")),
        algorithms: vec!["ES256".to_owned()],
        name_claim: "sub".to_owned(),
    };
    let house = House::new(Some(options)).await;
    house.accounts.add(NewUser { name: "ann", role: Role::Public, scope: None }, None).await.unwrap();
    for _ in 0..5 {
        house.bearer(&signed(&header("ES256", "e"), &claims())).await.unwrap();
        house.bearer(&signed(&header("ES256", "later"), &claims())).await.unwrap_err();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    server.abort();
}
