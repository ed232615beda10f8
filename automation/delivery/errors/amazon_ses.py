"""Through botocore, which raises instead of answering."""

# Errors of botocore, by name, since it is imported only where SES is used.
BEFORE_THE_REQUEST = {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}
NOT_A_REQUEST = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoRegionError"}
