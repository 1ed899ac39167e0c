// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Schedule} from "../lib/IScheduler.sol";

/// A binary min-heap of schedules by when they fall due: entries are `due << 64 | id`, so that the lower id goes first
/// among equals. Each schedule knows its place, from 1, so that any can be removed in logarithmic time.
library DueHeap {
    function insert(uint256[] storage heap, mapping(uint256 => Schedule) storage schedules, uint256 entry) internal {
        heap.push(entry);
        _rise(heap, schedules, heap.length - 1, entry);
    }

    function remove(uint256[] storage heap, mapping(uint256 => Schedule) storage schedules, uint256 place) internal {
        uint256 last = heap[heap.length - 1];
        heap.pop();
        if (place - 1 == heap.length) return;
        _settle(heap, schedules, place - 1, last);
    }

    function replace(
        uint256[] storage heap,
        mapping(uint256 => Schedule) storage schedules,
        uint256 place,
        uint256 entry
    ) internal {
        _settle(heap, schedules, place - 1, entry);
    }

    function idOf(uint256 entry) internal pure returns (uint256) {
        return uint64(entry);
    }

    function dueOf(uint256 entry) internal pure returns (uint64) {
        return uint64(entry >> 64);
    }

    function entryOf(uint64 due, uint256 id) internal pure returns (uint256) {
        return uint256(due) << 64 | id;
    }

    function _settle(
        uint256[] storage heap,
        mapping(uint256 => Schedule) storage schedules,
        uint256 index,
        uint256 entry
    ) private {
        if (index > 0 && heap[(index - 1) / 2] > entry) _rise(heap, schedules, index, entry);
        else _sink(heap, schedules, index, entry);
    }

    function _rise(uint256[] storage heap, mapping(uint256 => Schedule) storage schedules, uint256 index, uint256 entry)
        private
    {
        while (index > 0) {
            uint256 parent = (index - 1) / 2;
            uint256 above = heap[parent];
            if (above <= entry) break;
            _put(heap, schedules, index, above);
            index = parent;
        }
        _put(heap, schedules, index, entry);
    }

    function _sink(uint256[] storage heap, mapping(uint256 => Schedule) storage schedules, uint256 index, uint256 entry)
        private
    {
        uint256 length = heap.length;
        while (true) {
            uint256 child = 2 * index + 1;
            if (child >= length) break;
            uint256 below = heap[child];
            if (child + 1 < length) {
                uint256 other = heap[child + 1];
                if (other < below) (child, below) = (child + 1, other);
            }
            if (below >= entry) break;
            _put(heap, schedules, index, below);
            index = child;
        }
        _put(heap, schedules, index, entry);
    }

    function _put(uint256[] storage heap, mapping(uint256 => Schedule) storage schedules, uint256 index, uint256 entry)
        private
    {
        heap[index] = entry;
        schedules[idOf(entry)].place = uint32(index + 1);
    }
}
