/** Private key of the test certificates for localhost; it protects nothing. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBzVKVqCU+3QtYjel
RyrbomhZGntgq+5d1lNI84lyh1ihRANCAASegedAGJ83i50pCp27vxVMB0M6sG1m
fV8bTrww0iHjLh0OXTiMlYzz50994Gn3rvd/APcmQNHChcUUiyhwXOmg
-----END PRIVATE KEY-----`;

const selfSignedCert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUPPVOqwPmeMsf9Syq73o8zrfFPZMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE4MjQ0MFoYDzIxMjYxMTA1
MTgyNDQwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASegedAGJ83i50pCp27vxVMB0M6sG1mfV8bTrww0iHjLh0OXTiMlYzz
50994Gn3rvd/APcmQNHChcUUiyhwXOmgo28wbTAdBgNVHQ4EFgQUrqK0RSEm5si6
uV/KhH+XFUkpXc4wHwYDVR0jBBgwFoAUrqK0RSEm5si6uV/KhH+XFUkpXc4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAOvtQFWxtOElR0ybZojHYb3wUea4t1qjZmt5hzx9jjlqAiAy
MuR3P/urFOGrMYVWgRlSJliysr5b90+UszApMkNBHQ==
-----END CERTIFICATE-----`;

const expiredCert = `-----BEGIN CERTIFICATE-----
MIIBYjCCAQigAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAls
b2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASegedAGJ83i50pCp27
vxVMB0M6sG1mfV8bTrww0iHjLh0OXTiMlYzz50994Gn3rvd/APcmQNHChcUUiyhw
XOmgo0swSTAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDAYDVR0TBAUwAwEB
/zAdBgNVHQ4EFgQUrqK0RSEm5si6uV/KhH+XFUkpXc4wCgYIKoZIzj0EAwIDSAAw
RQIgO3bXxp0Usj9v3T2Ol2x8ktE/niay2XeZJ7iVhSJLuvgCIQDzR0sj/7obT0ti
MRcLjFjhnMyeemsWMxMfUTK8tf+1Ew==
-----END CERTIFICATE-----`;

/** Self-signed certificate that no machine trusts, valid until 2126. */
export const selfSigned = { key, cert: selfSignedCert };

/** Certificate that was valid in 2020 only. */
export const expired = { key, cert: expiredCert };
