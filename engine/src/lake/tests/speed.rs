use super::*;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::array::*;

#[tokio::test(flavor = "multi_thread")]
async fn speed() {
    let mut form = form();
    for i in 0..10 { form.fields.push(field(&format!("code{i}"), FieldType::Code)); }
    for i in 0..8 { form.fields.push(field(&format!("n{i}"), FieldType::Integer)); }
    form.fields.push(field("flag", FieldType::Boolean));
    let total: i64 = std::env::var("ROWS").ok().and_then(|v| v.parse().ok()).unwrap_or(2_000_000);
    let regions: i64 = std::env::var("REGIONS").ok().and_then(|v| v.parse().ok()).unwrap_or(20);
    let words = ["kk", "ru", "uz", "urban", "rural", "full", "state"];
    let mut batches = Vec::new();
    let mut seed = 1_u64;
    let mut next = || { seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); seed >> 16 };
    let size = 8192;
    let schema = form.row_schema();
    let start = std::time::Instant::now();
    let mut done = 0;
    let form2 = form.clone(); let schema2 = schema.clone();
    let mut make = move |done: i64| {
        let form = &form2; let schema = &schema2;
        let n = size.min(total - done) as usize;
        let org: Vec<i64> = (0..n as i64).map(|i| (done + i) / 500).collect();
        let region: Vec<i32> = org.iter().map(|o| 10 + (o % regions) as i32).collect();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_value(2024, n)),
            Arc::new(Int32Array::from(region.clone())),
        ];
        for f in &form.fields {
            let a: ArrayRef = match (f.name.as_str(), f.field_type.arrow()) {
                ("district", _) => Arc::new(Int32Array::from_iter_values(region.iter().zip(&org).map(|(r, o)| r * 10_000_000 + (o % 11) as i32 * 10_000))),
                ("org_bin", _) => Arc::new(Int64Array::from_iter_values(org.iter().map(|o| 100_000_000_000 + o.wrapping_mul(2654435761) % 899_999_999_999))),
                ("pid", _) => Arc::new(Int64Array::from_iter_values((0..n).map(|_| (next() ^ (next() << 20)) as i64))),
                (_, DataType::Utf8) => Arc::new(StringArray::from_iter_values((0..n).map(|_| words[(next() % 7) as usize]))),
                (_, DataType::Int32) => Arc::new(Int32Array::from_iter_values((0..n).map(|_| (next() % 12) as i32))),
                (_, DataType::Date32) => Arc::new(Date32Array::from_iter_values((0..n).map(|_| 10_000 + (next() % 5000) as i32))),
                (_, DataType::Boolean) => Arc::new((0..n).map(|_| Some(next() % 2 == 0)).collect::<BooleanArray>()),
                _ => Arc::new(Decimal128Array::from_iter_values((0..n).map(|_| i128::from(next() % 50))).with_precision_and_scale(5, 1).unwrap()),
            };
            columns.push(a);
        }
        RecordBatch::try_new(schema.clone(), columns).unwrap()
    };
    if std::env::var("LAZY").is_ok() {
        let (_place, lake) = Place::new().await;
        let writer = lake.writer(options()).await.unwrap();
        let lazy = futures::stream::iter((0..total / size).map(|i| Ok::<_, std::io::Error>(make(i * size))));
        let start = std::time::Instant::now();
        let staged = writer.stage(&form, lazy).await.unwrap();
        println!("rows {} lazily: stage {:?}, {} files", staged.row_count(), start.elapsed(), staged.files().len());
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap());
        return;
    }
    while done < total {
        let b = make(done);
        done += b.num_rows() as i64;
        batches.push(b);
    }
    let bytes: usize = batches.iter().map(|b| b.get_array_memory_size()).sum();
    println!("generated {total} rows x {} columns, {} MB in {:?}", schema.fields().len(), bytes >> 20, start.elapsed());
    for memory in [2 << 30, 128 << 20] {
        let (_place, lake) = Place::new().await;
        let writer = lake.writer(WriterOptions { memory_bytes: memory, ..options() }).await.unwrap();
        let start = std::time::Instant::now();
        let staged = writer.stage(&form, stream(batches.clone())).await.unwrap();
        let stage = start.elapsed();
        let (files, size) = (staged.files().len(), staged.files().iter().map(|f| f.size).sum::<u64>() >> 20);
        let start = std::time::Instant::now();
        writer.land(vec![landing(&form, "a", Some(staged))]).await.unwrap();
        let landed = start.elapsed();
        let start = std::time::Instant::now();
        let one = rows(&[]); drop(one);
        let few = batches[0].slice(0, 500);
        let staged = writer.stage(&form, stream(vec![few])).await.unwrap();
        writer.land(vec![landing(&form, "b", Some(staged))]).await.unwrap();
        println!("budget {} MB: stage {stage:?}, {files} files {size} MB, land {landed:?}, correction of one organisation {:?}", memory >> 20, start.elapsed());
        let start = std::time::Instant::now();
        lake.verify(true, 2).await.unwrap();
        println!("verify {:?}", start.elapsed());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap());
}
