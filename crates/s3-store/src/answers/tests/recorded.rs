//! Answers word for word: of Amazon's documentation of its API, and of a Ceph gateway of release 16.2.

use super::Call;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    pub(super) name: &'static str,
    pub(super) call: Call,
    pub(super) status: u16,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
}

#[rustfmt::skip]
pub(super) const RECORDED: &[Recorded] = &[
    Recorded {
        name: "a page of Amazon",
        call: Call::Objects,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>quotes</Name><Prefix></Prefix><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>3</KeyCount><MaxKeys>3</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents><Key>a+b/%C3%A9.txt</Key><LastModified>2026-11-08T01:00:00.000Z</LastModified><ETag>&quot;599bab3ed2c697f1d26842727561fd94&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>857</Size><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>big.bin</Key><LastModified>2026-11-08T01:00:01.000Z</LastModified><ETag>&quot;043a916d6cfeecedf5e04f0312ba762d-2&quot;</ETag><Size>5242883</Size><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner><StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-12-08T00:00:00.000Z</RestoreExpiryDate></RestoreStatus></Contents><Contents><Key>empty</Key><LastModified>2026-11-08T01:00:02.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#,
    },
    Recorded {
        name: "a page without keys",
        call: Call::Objects,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>quotes</Name><Prefix/><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated></ListBucketResult>"#,
    },
    Recorded {
        name: "a page of versions of Amazon",
        call: Call::Versions,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix/><KeyMarker/><VersionIdMarker/><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Version><Key>my+image.jpg</Key><VersionId>3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo</VersionId><IsLatest>true</IsLatest><LastModified>2026-10-12T17:50:30.000Z</LastModified><ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner></Version><DeleteMarker><Key>my-second-image.jpg</Key><VersionId>03jpff543dhffds434rfdsFDN943fdsFkdmqnh892</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-12T17:50:30.000Z</LastModified><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner></DeleteMarker><Version><Key>my-second-image.jpg</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><LastModified>2026-10-12T17:50:30.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>166434</Size><StorageClass>STANDARD</StorageClass><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner></Version></ListVersionsResult>"#,
    },
    Recorded {
        name: "buckets of Amazon",
        call: Call::Buckets,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket><Name>amzn-s3-demo-bucket</Name><CreationDate>2026-02-03T16:45:09.000Z</CreationDate><BucketRegion>us-east-1</BucketRegion></Bucket><Bucket><Name>samples</Name><CreationDate>2026-02-03T16:41:58.000Z</CreationDate></Bucket></Buckets><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner><ContinuationToken>eyJNYXJrZXI=</ContinuationToken></ListAllMyBucketsResult>"#,
    },
    Recorded {
        name: "tags of Amazon",
        call: Call::Tags,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag><Key>project &amp; team</Key><Value>1</Value></Tag><Tag><Key>empty</Key><Value></Value></Tag></TagSet></Tagging>"#,
    },
    Recorded {
        name: "grants of Amazon",
        call: Call::Acl,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"#,
    },
    Recorded {
        name: "a policy",
        call: Call::Policy,
        status: 200,
        headers: &[],
        body: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}"#,
    },
    Recorded {
        name: "an upload that begins at Amazon",
        call: Call::Begin,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bucket</Bucket><Key>k</Key><UploadId>VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA</UploadId></InitiateMultipartUploadResult>"#,
    },
    Recorded {
        name: "an upload that was joined by Amazon",
        call: Call::Complete,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>

 
<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>https://bucket.s3.us-east-1.amazonaws.com/k</Location><Bucket>bucket</Bucket><Key>k</Key><ETag>&quot;043a916d6cfeecedf5e04f0312ba762d-2&quot;</ETag><ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>"#,
    },
    Recorded {
        name: "unfinished uploads of Amazon",
        call: Call::Unfinished,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bucket</Bucket><KeyMarker/><UploadIdMarker/><NextKeyMarker/><NextUploadIdMarker/><Prefix>k</Prefix><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated><Upload><Key>k</Key><UploadId>XMgbGlrZSBlbHZpbmcncyBub3QgaGF2aW5nIG11Y2ggbHVjaw</UploadId><Initiator><ID>arn:aws:iam::111122223333:user/user1</ID><DisplayName>user1</DisplayName></Initiator><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>owner</DisplayName></Owner><StorageClass>STANDARD</StorageClass><Initiated>2026-11-10T20:48:33.000Z</Initiated></Upload></ListMultipartUploadsResult>"#,
    },
    Recorded {
        name: "parts of Amazon",
        call: Call::Parts,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bucket</Bucket><Key>k</Key><UploadId>XXBsb2FkIElEIGZvciBlbHZpbmcncyVcdS1tb3ZpZS5tMnRzEEEwbG9hZA</UploadId><PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><LastModified>2026-11-10T20:48:34.000Z</LastModified><ETag>&quot;7778aef83f66abc1fa1e8477f296d394&quot;</ETag><Size>10485760</Size></Part></ListPartsResult>"#,
    },
    Recorded {
        name: "an object that was put",
        call: Call::Put,
        status: 200,
        headers: &[("etag", "\"900150983cd24fb0d6963f7d28e17f72\""), ("x-amz-server-side-encryption", "AES256"), ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")],
        body: "",
    },
    Recorded {
        name: "a head",
        call: Call::Head,
        status: 200,
        headers: &[("content-length", "5"), ("last-modified", "Sun, 08 Nov 2026 01:00:00 GMT"), ("etag", "\"900150983cd24fb0d6963f7d28e17f72\""), ("content-type", "text/plain")],
        body: "",
    },
    Recorded {
        name: "a range",
        call: Call::Range(2, 5),
        status: 206,
        headers: &[("content-range", "bytes 2-5/9"), ("content-length", "4")],
        body: "2345",
    },
    Recorded {
        name: "an error of Amazon",
        call: Call::Error,
        status: 404,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k</Key><RequestId>4442587FB7D0A2F9</RequestId><HostId>a/b=</HostId></Error>"#,
    },
    Recorded {
        name: "a page of Ceph",
        call: Call::Objects,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><Name>bkt</Name><Prefix></Prefix><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>a%20b</Key><LastModified>2026-12-01T02:25:52.858Z</LastModified><ETag>&quot;e2fc714c4727ee9395f324cd2e7f331f&quot;</ETag><Size>4</Size><StorageClass>STANDARD</StorageClass><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><Type>Normal</Type></Contents><NextContinuationToken>a b</NextContinuationToken><KeyCount>1</KeyCount></ListBucketResult>"#,
    },
    Recorded {
        name: "a page of versions of Ceph",
        call: Call::Versions,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><Name>bkt</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><Version><Key>a%20b</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><LastModified>2026-12-01T02:25:52.858Z</LastModified><ETag>&quot;e2fc714c4727ee9395f324cd2e7f331f&quot;</ETag><Size>4</Size><StorageClass>STANDARD</StorageClass><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><Type>Normal</Type></Version><Version><Key>z</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><LastModified>2026-12-01T02:25:52.928Z</LastModified><ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><Type>Normal</Type></Version></ListVersionsResult>"#,
    },
    Recorded {
        name: "buckets of Ceph",
        call: Call::Buckets,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><Buckets><Bucket><Name>bkt</Name><CreationDate>2026-12-01T02:25:52.647Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"#,
    },
    Recorded {
        name: "tags of Ceph",
        call: Call::Tags,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet></TagSet></Tagging>"#,
    },
    Recorded {
        name: "grants of Ceph",
        call: Call::Acl,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>tests</ID><DisplayName>tests</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"#,
    },
    Recorded {
        name: "an upload that begins at Ceph",
        call: Call::Begin,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bkt</Bucket><Key>up</Key><UploadId>2~-wfkKeJFT07H-dRvtDOBzGilxXTXkSE</UploadId></InitiateMultipartUploadResult>"#,
    },
    Recorded {
        name: "unfinished uploads of Ceph",
        call: Call::Unfinished,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bkt</Bucket><Prefix>up</Prefix><NextKeyMarker>up</NextKeyMarker><NextUploadIdMarker>2~-wfkKeJFT07H-dRvtDOBzGilxXTXkSE</NextUploadIdMarker><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated><Upload><Key>up</Key><UploadId>2~-wfkKeJFT07H-dRvtDOBzGilxXTXkSE</UploadId><Initiator><ID>tests</ID><DisplayName>tests</DisplayName></Initiator><Owner><ID>tests</ID><DisplayName>tests</DisplayName></Owner><StorageClass>STANDARD</StorageClass><Initiated>2026-12-01T02:25:54.952Z</Initiated></Upload></ListMultipartUploadsResult>"#,
    },
    Recorded {
        name: "parts of Ceph",
        call: Call::Parts,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bkt</Bucket><Key>up</Key><UploadId>2~-wfkKeJFT07H-dRvtDOBzGilxXTXkSE</UploadId><StorageClass>STANDARD</StorageClass><PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>false</IsTruncated><Owner><ID></ID><DisplayName></DisplayName></Owner><Part><LastModified>2026-12-01T02:25:55.464Z</LastModified><PartNumber>1</PartNumber><ETag>&quot;9a0364b9e99bb480dd25e1f0284c8555&quot;</ETag><Size>7</Size></Part></ListPartsResult>"#,
    },
    Recorded {
        name: "an upload that was joined by Ceph",
        call: Call::Complete,
        status: 200,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>http://127.0.0.1:17480/bkt/up</Location><Bucket>bkt</Bucket><Key>up</Key><ETag></ETag></CompleteMultipartUploadResult>"#,
    },
    Recorded {
        name: "an error of Ceph",
        call: Call::Error,
        status: 404,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message></Message><BucketName>bkt</BucketName><RequestId>tx000002e004a69f22a731f-006b0e3034-1007-default</RequestId><HostId>1007-default-default</HostId></Error>"#,
    },
    Recorded {
        name: "an error of Ceph about a policy",
        call: Call::Error,
        status: 404,
        headers: &[],
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message><BucketName>bkt</BucketName><RequestId>tx00000257e330aea9a0bef-006b0e3034-1007-default</RequestId><HostId>1007-default-default</HostId></Error>"#,
    },
    Recorded {
        name: "an error of Ceph in JSON",
        call: Call::Error,
        status: 400,
        headers: &[],
        body: r#"{"Code":"InvalidRequest","Message":"","RequestId":"tx0000009dcef1ce8394126-006b0e39f6-1007-default","HostId":"1007-default-default"}"#,
    },
];
