"""Encryption, and certificates of clients where the server asks for them."""

import faulthandler
import os

import adbc_driver_flightsql.dbapi as flight

# Who waits for ever says where.
faulthandler.dump_traceback_later(240, exit=True)

URI, USER, PASSWORD = (os.environ[name] for name in ("BILIM_URI", "BILIM_USER", "BILIM_PASSWORD"))
OPTION = "adbc.flight.sql.client_option."


def ask(**options):
    login = {"username": USER, "password": PASSWORD}
    with flight.connect(URI, db_kwargs={**login, **options}, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute("select 1 as n")
            return cursor.fetch_arrow_table().to_pydict()


def refused(**options):
    try:
        ask(**options)
    except Exception as problem:
        # A server that waits for a certificate may have hung up before its reason is read.
        words = ["certificate", "tls", "broken pipe", "connection reset"]
        assert any(word in str(problem).lower() for word in words), problem
    else:
        raise AssertionError("let in")


assert URI.startswith("grpc+tls://"), URI
root = {OPTION + "tls_root_certs": open("ca.pem").read()}
refused()
if os.path.exists("asks-for-certificates"):
    refused(**root)
    root |= {
        OPTION + "mtls_cert_chain": open("client.pem").read(),
        OPTION + "mtls_private_key": open("client.key").read(),
    }
assert ask(**root) == {"n": [1]}
print("done")
