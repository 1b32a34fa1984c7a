use super::*;
use crate::lake::{Confirmation, Evidence, confirmation_event};

const A: i64 = 100_000_000_001;
const ROWS: [Row; 1] = [(2024, 110_000_000, A, 1, None)];
const SEEN: &str = "select submission, form, year, role, lake_version from event order by submission";

/// A confirmation of the content; `signature` is the identity of what was signed.
fn confirmation(content: &str, signature: &str) -> Box<Confirmation> {
    let sha256 = |text: &str| super::super::version::sha256_hex(text.as_bytes());
    Box::new(Confirmation {
        form: form().code,
        year: Some(2024),
        subject_bin: 990_140_000_001,
        role: "head".to_owned(),
        certificate_serial: "1000".to_owned(),
        algorithm: "RSA SHA-256".to_owned(),
        signed_at: chrono::DateTime::from_timestamp(1_730_000_000, 0).unwrap(),
        is_time_stamped: false,
        file_sha256: sha256(content),
        envelope_sha256: None,
        submission_id: None,
        nonce: None,
        signature_sha256: sha256(signature),
        cms_sha256: sha256(signature),
        evidence: vec![Evidence { ending: "p7s", bytes: signature.as_bytes().to_vec() }],
    })
}

async fn signed(writer: &Writer, content: &str, signature: &str) -> Result<Receipt, LakeError> {
    let form = form();
    let staged = writer.stage(&form, stream(vec![rows(&ROWS)])).await?;
    let confirmation = Some(confirmation(content, signature));
    let landing = Landing { confirmation, ..landing(&form, content, Some(staged)) };
    Ok(writer.land(vec![landing]).await?.remove(0))
}

/// The confirmations of the newest version; empty without the table.
async fn events(lake: &Lake) -> String {
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let context = context(lake, AsOf::Latest, &form()).await;
    let table = RawTable::new(&snapshot, &confirmation_event()).unwrap();
    context.register_table("event", Arc::new(table)).unwrap();
    cells(&context, SEEN).await
}

#[tokio::test]
async fn a_confirmation_is_there_with_its_landing_or_neither_is() {
    for (fault, is_decided) in [
        (Fault::BeforePending, false),
        (Fault::AfterPending, true),
        (Fault::AfterLogEntry(0), true),
        (Fault::AfterLogEntry(3), true),
        (Fault::AfterPublish, true),
    ] {
        let (place, lake) = Place::new().await;
        let writer = lake.writer(WriterOptions { fault: Some(fault), ..options() }).await.unwrap();
        assert!(signed(&writer, "one", "signature").await.is_err(), "{fault:?}");
        drop(writer);
        let lake = place.reopen().await;
        let writer = lake.writer(options()).await.unwrap();
        let expected =
            if is_decided { ("1 S1.TEST 2024 head 1", "2024 11 100000000001 1") } else { ("", "") };
        assert_eq!(events(&lake).await, expected.0, "{fault:?}");
        assert_eq!(live(&lake, AsOf::Latest, &form()).await, expected.1, "{fault:?}");
        // Once more: exactly once, whatever had happened.
        assert_eq!(signed(&writer, "one", "signature").await.unwrap().is_repeat, is_decided, "{fault:?}");
        assert_eq!(events(&lake).await, "1 S1.TEST 2024 head 1", "{fault:?}");
        let report = lake.verify(true, 2).await.unwrap();
        assert!(report.problems.is_empty(), "{fault:?}: {report:?}");
    }
}

#[tokio::test]
async fn a_signature_is_for_one_submission_even_after_a_restart() {
    let (place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    signed(&writer, "one", "signature").await.unwrap();
    let used = |error: LakeError| match error {
        LakeError::SignatureUsed { submission, .. } => submission,
        other => panic!("{other}"),
    };
    assert_eq!(used(signed(&writer, "two", "signature").await.unwrap_err()), 1);
    drop(writer);
    let lake = place.reopen().await;
    let writer = lake.writer(options()).await.unwrap();
    assert_eq!(used(signed(&writer, "two", "signature").await.unwrap_err()), 1);
    assert_eq!(
        writer.signature_use(&confirmation("two", "signature")).await.map(|used| used.submission),
        Some(1)
    );
    assert_eq!(writer.signature_use(&confirmation("one", "signature")).await, None);
    // Twice in one batch is no better.
    let form = form();
    let mut batch = Vec::new();
    for content in ["three", "four"] {
        let staged = writer.stage(&form, stream(vec![rows(&ROWS)])).await.unwrap();
        let confirmation = Some(confirmation(content, "other"));
        batch.push(Landing { confirmation, ..landing(&form, content, Some(staged)) });
    }
    assert!(matches!(writer.land(batch).await, Err(LakeError::SignatureUsed { .. })));
    assert_eq!(live(&lake, AsOf::Latest, &form).await, "2024 11 100000000001 1");
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().number(), 1);
}

#[tokio::test]
async fn what_is_rejected_is_not_confirmed() {
    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    let form = form();
    let rejected =
        Landing { confirmation: Some(confirmation("bad", "signature")), ..landing(&form, "bad", None) };
    writer.land(vec![rejected]).await.unwrap();
    assert_eq!(events(&lake).await, "");
    // Nothing was used up: the signature may come with the submission that lands.
    signed(&writer, "bad", "signature").await.unwrap();
    assert_eq!(events(&lake).await, "2 S1.TEST 2024 head 2");
}
