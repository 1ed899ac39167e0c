// Module client: asking a node over JSON-RPC, as programs outside of it do.
//
//   url.hpp              where it listens
//   json_rpc_client.hpp  requests over HTTP, one after the other, on one connection
#pragma once

#include "valence/client/json_rpc_client.hpp"
#include "valence/client/url.hpp"
