//! The SDK's operations whose answers are read here.

use std::fmt::Debug;

use aws_sdk_s3::error::{BoxError, ErrorMetadata};
use aws_sdk_s3::operation::{
    abort_multipart_upload as abort, complete_multipart_upload as complete, create_bucket,
    create_multipart_upload as begin, get_bucket_policy, get_object, get_object_acl,
    get_object_tagging, head_bucket, head_object, list_buckets, list_multipart_uploads,
    list_object_versions, list_objects_v2, list_parts, put_object, upload_part,
};

/// The output of an operation, as the SDK wants one whatever was answered.
pub(crate) trait Operation: Debug + Send + Sync + Sized + 'static {
    /// The operation's error.
    type Error: std::error::Error + Send + Sync + 'static;

    /// An output that says nothing.
    fn nothing() -> Result<Self, BoxError>;

    /// An error as a store answers it.
    fn refused(metadata: ErrorMetadata) -> Self::Error;
}

macro_rules! operations {
    ($($module:ident: $output:ident, $error:ident $(, $required:ident)?;)*) => {$(
        impl Operation for $module::$output {
            type Error = $module::$error;

            fn nothing() -> Result<Self, BoxError> {
                let output = $module::$output::builder();
                operations!(@build output $(, $required)?)
            }

            fn refused(metadata: ErrorMetadata) -> Self::Error {
                $module::$error::generic(metadata)
            }
        }
    )*};
    (@build $output:ident) => { Ok($output.build()) };
    (@build $output:ident, $required:ident) => { Ok($output.$required(Some(Vec::new())).build()?) };
}

operations! {
    abort: AbortMultipartUploadOutput, AbortMultipartUploadError;
    begin: CreateMultipartUploadOutput, CreateMultipartUploadError;
    complete: CompleteMultipartUploadOutput, CompleteMultipartUploadError;
    create_bucket: CreateBucketOutput, CreateBucketError;
    get_bucket_policy: GetBucketPolicyOutput, GetBucketPolicyError;
    get_object: GetObjectOutput, GetObjectError;
    get_object_acl: GetObjectAclOutput, GetObjectAclError;
    get_object_tagging: GetObjectTaggingOutput, GetObjectTaggingError, set_tag_set;
    head_bucket: HeadBucketOutput, HeadBucketError;
    head_object: HeadObjectOutput, HeadObjectError;
    list_buckets: ListBucketsOutput, ListBucketsError;
    list_multipart_uploads: ListMultipartUploadsOutput, ListMultipartUploadsError;
    list_object_versions: ListObjectVersionsOutput, ListObjectVersionsError;
    list_objects_v2: ListObjectsV2Output, ListObjectsV2Error;
    list_parts: ListPartsOutput, ListPartsError;
    put_object: PutObjectOutput, PutObjectError;
    upload_part: UploadPartOutput, UploadPartError;
}
