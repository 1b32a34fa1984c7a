//! An object store whose changes pass the fault injection, whoever asks for them: us, or deltalake.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::path::Path as StorePath;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, UploadPart,
};

use crate::lake::inject;

/// The store of a lake.
#[derive(Debug, Clone)]
pub(super) struct Stepping {
    inner: Arc<dyn ObjectStore>,
    /// What stands before a key: `s3://bucket`.
    base: PathBuf,
}

/// An error of the storage as the operating system would give it.
struct Refusal(object_store::Error);

impl From<std::io::Error> for Refusal {
    fn from(source: std::io::Error) -> Self {
        Self(object_store::Error::Generic { store: "lake", source: Box::new(source) })
    }
}

impl Stepping {
    pub(super) fn new(inner: Arc<dyn ObjectStore>, base: PathBuf) -> Self {
        Self { inner, base }
    }

    async fn step<T>(
        &self,
        what: &str,
        location: &StorePath,
        operation: impl Future<Output = object_store::Result<T>>,
    ) -> object_store::Result<T> {
        step(what, &self.base.join(location.as_ref()), operation).await
    }
}

async fn step<T>(
    what: &str,
    path: &std::path::Path,
    operation: impl Future<Output = object_store::Result<T>>,
) -> object_store::Result<T> {
    let operation = operation.map(|done| done.map_err(Refusal));
    inject::step_async(what, path, operation).await.map_err(|refusal| refusal.0)
}

impl fmt::Display for Stepping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Stepping {
    async fn put_opts(
        &self,
        location: &StorePath,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        self.step("put", location, self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &StorePath,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        let inner = self.inner.put_multipart_opts(location, options);
        let inner = self.step("begin upload", location, inner).await?;
        Ok(Box::new(SteppingUpload { inner, path: self.base.join(location.as_ref()) }))
    }

    async fn get_opts(&self, location: &StorePath, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(
        &self,
        location: &StorePath,
        ranges: &[Range<u64>],
    ) -> object_store::Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<StorePath>>,
    ) -> BoxStream<'static, object_store::Result<StorePath>> {
        let store = self.clone();
        let delete = move |location: object_store::Result<StorePath>| {
            let store = store.clone();
            async move {
                let location = location?;
                let one = futures::stream::iter([Ok(location.clone())]).boxed();
                let mut deleted = store.inner.delete_stream(one);
                let deleted = async move { deleted.next().await.unwrap_or(Ok(StorePath::default())) };
                store.step("remove", &location, deleted).await?;
                Ok(location)
            }
        };
        locations.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&StorePath>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&StorePath>,
        offset: &StorePath,
    ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &StorePath,
        to: &StorePath,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.step("copy", to, self.inner.copy_opts(from, to, options)).await
    }
}

/// An upload whose parts and whose end are steps.
#[derive(Debug)]
struct SteppingUpload {
    inner: Box<dyn MultipartUpload>,
    path: PathBuf,
}

#[async_trait]
impl MultipartUpload for SteppingUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (part, path) = (self.inner.put_part(data), self.path.clone());
        async move { step("upload part", &path, part).await }.boxed()
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let path = self.path.clone();
        step("end upload", &path, self.inner.complete()).await
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        self.inner.abort().await
    }
}
