"""The way to a server: certificates and proxies that the environment names, and what ends it.

What no waiting heals is told at once: a name that nobody has, a certificate that cannot be trusted,
a proxy that refuses.
"""

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from assaybook.domain.errors import OperatorError, UsageError

if TYPE_CHECKING:
    import httpx

_NO_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
"""What a name that nobody has is told by; that the service of names does not answer is another."""
_CUT_OFF: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_NOT_IN_ITS_TIME: Final = frozenset({9, 10})
"""Of OpenSSL's X509_V_ERR: not yet valid, has expired."""
_OTHER_NAME: Final = frozenset({62, 64})
"""Of OpenSSL's X509_V_ERR: another host, another address."""
_PASSING: Final = ("502", "503", "504")
"""Statuses of a proxy that come and go; any other refuses the caller or the host."""


def client_by(*, proxied: bool, **content: Any) -> "httpx.Client":  # noqa: ANN401 - as httpx takes it
    """Return a client that trusts the certificates which the environment names, or else the usual.

    Raises:
        UsageError: ``certificates-unusable``, ``proxy-invalid``.
    """
    import httpx

    try:
        trusted = httpx.create_ssl_context()
    except OSError as error:
        raise UsageError(
            "certificates-unusable",
            f"no certificates can be read there: {error.strerror or error}",
            where="SSL_CERT_FILE or SSL_CERT_DIR",
            hint="Name a file of certificates as PEM in SSL_CERT_FILE, or unset both.",
        ) from error
    try:
        return httpx.Client(verify=trusted, trust_env=proxied, **content)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # Not in its own words, which may hold the password of the proxy.
        said = "it is no address of a proxy"
        if isinstance(error, ImportError):
            said = "a SOCKS proxy wants the Python package socksio, which is not installed"
        raise UsageError(
            "proxy-invalid",
            said,
            where="HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
            hint="Write http://proxy.example.org:3128, or name this server's host in NO_PROXY.",
        ) from error


def refuse_lasting(url: str, error: BaseException) -> None:
    """Raise what no waiting heals; return where another try may help.

    Raises:
        OperatorError: ``server-unreachable``, ``server-not-trusted``, ``proxy-refused``.
    """
    import httpx

    for cause in causes(error):
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_NAME:
            code, said = "server-unreachable", "no machine has this name"
            hint = (
                "Look for a slip in the address, and in that of a proxy (HTTPS_PROXY); else ask who"
                " runs the names (DNS) here."
            )
        elif isinstance(cause, httpx.ProxyError) and not str(cause).startswith(_PASSING):
            code, said = "proxy-refused", f"the proxy on the way there answers {str(cause)[:100]}"
            hint = (
                "Look at HTTPS_PROXY, of which a name and a password are a part where the proxy"
                " wants them, or name this server's host in NO_PROXY."
            )
        elif isinstance(cause, ssl.SSLCertVerificationError):
            code, said, hint = "server-not-trusted", cause.verify_message, _mended(cause)
        elif isinstance(cause, ssl.SSLError) and not isinstance(cause, _CUT_OFF):
            code, said = (
                "server-not-trusted",
                f"no TLS can be spoken with it: {cause.reason or cause}",
            )
            hint = "Check the port: https:// wants the proxy before the server, which speaks TLS."
        else:
            continue
        raise OperatorError(code, said, where=url, hint=hint) from error


def _mended(error: ssl.SSLCertVerificationError) -> str:
    """Return what mends a certificate that is not trusted."""
    if error.verify_code in _NOT_IN_ITS_TIME:
        return "Ask who operates the server to renew its certificate, and check the clock here."
    if error.verify_code in _OTHER_NAME:
        return "Name the server as its certificate does."
    return "Name the certificate of your authority, a PEM file: SSL_CERT_FILE."


def told_by(error: BaseException) -> str:
    """Return what the machine says of a line that broke, without its numbers."""
    words = [one.strerror for one in causes(error) if isinstance(one, OSError) and one.strerror]
    return words[-1] if words else str(error) or type(error).__name__


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
