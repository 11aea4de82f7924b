"""The loopback gateway: enough of every provider's wire format to answer the real client, on 127.0.0.1 only.

`cgw demo` and the tests let it enforce a key as LiteLLM would; `cgw trace` uses it as a recorder.
It must not know profiles, plans or predictions: it says what arrived, others say what should have.
"""
