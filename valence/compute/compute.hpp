// Module compute: doing a job somewhere else than in the chain. Its parts:
//
//   ids.hpp        how nodes and jobs are named
//   balancer/      which node does a job: pure, driven by the sequencer and by the simulator
//   simulation/    a network of thousands of nodes in virtual time, driving that very balancer
//   model_store/   the models a node has at hand, by content
//   worker/        the compute node itself: takes jobs, runs them, answers with evidence
//
// A job's way: the sequencer asks balancer::LoadBalancer for a node, sends it the job, and tells the balancer
// what came back; the node's worker takes the model from its store, computes, and signs.
#pragma once

#include "valence/compute/ids.hpp"
