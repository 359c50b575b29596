// The two maps at one point of the program, as two arrays: places and sites are numbered by the Survey. States are copied, joined and thrown
// away by the dozen, so they go back to a stack and are used again; one stack serves all methods that a thread analyses.

using System;
using System.Collections.Generic;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class OwnershipState
{
    private OwnershipValue[] _values = [];
    private Fate[] _fates = [];
    private ulong[] _before = [];
    private int _places;
    private int _sites;

    public int Places => _places;

    public int Sites => _sites;

    public ref OwnershipValue Value(int place) => ref _values[place];

    public ref Fate FateOf(int site) => ref _fates[site];

    /// <summary>Of a mark: the sites that had handed out something by then.</summary>
    public ref ulong Before(int site) => ref _before[site];

    /// <summary>Joins another state into this one.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Join(OwnershipState other)
    {
        bool changed = false;
        for (int i = 0; i < _places; i++)
        {
            OwnershipValue joined = OwnershipValue.Join(_values[i], other._values[i]);
            changed |= joined != _values[i];
            _values[i] = joined;
        }

        for (int i = 0; i < _sites; i++)
        {
            Fate joined = _fates[i] | other._fates[i];
            ulong before = _before[i] | other._before[i];
            changed |= joined != _fates[i] || before != _before[i];
            (_fates[i], _before[i]) = (joined, before);
        }

        return changed;
    }

    /// <summary>
    /// Forgets objects that were freed and that no place refers to: nothing can be reported of them, and the next object of the same site must not be taken for one.
    /// </summary>
    public void Forget()
    {
        ulong held = 0;
        for (int i = 0; i < _places; i++)
        {
            held |= _values[i].Sites;
        }

        for (int i = 0; i < _sites; i++)
        {
            if ((_fates[i] & ~Fate.Ended) == Fate.Freed && (held & (1UL << i)) == 0)
            {
                _fates[i] = Fate.Ended;
            }
        }
    }

    private void Reset(int places, int sites)
    {
        if (_values.Length < places)
        {
            _values = new OwnershipValue[Math.Max(places, 2 * _values.Length)];
        }

        if (_fates.Length < sites)
        {
            _fates = new Fate[Math.Max(sites, 2 * _fates.Length)];
            _before = new ulong[_fates.Length];
        }

        Array.Clear(_values, 0, places);
        Array.Clear(_fates, 0, sites);
        Array.Clear(_before, 0, sites);
        (_places, _sites) = (places, sites);
    }

    private void CopyFrom(OwnershipState other)
    {
        Array.Copy(other._values, _values, _places);
        Array.Copy(other._fates, _fates, _sites);
        Array.Copy(other._before, _before, _sites);
    }

    /// <summary>The states of one thread's analyses.</summary>
    internal sealed class Pool
    {
        [ThreadStatic]
        private static Pool? t_pool;

        private readonly Stack<OwnershipState> _free = new();

        public static Pool OfThread => t_pool ??= new Pool();

        public OwnershipState Rent(int places, int sites)
        {
            OwnershipState state = _free.Count > 0 ? _free.Pop() : new OwnershipState();
            state.Reset(places, sites);
            return state;
        }

        public OwnershipState Copy(OwnershipState from)
        {
            OwnershipState state = Rent(from._places, from._sites);
            state.CopyFrom(from);
            return state;
        }

        public void Return(OwnershipState? state)
        {
            if (state is not null)
            {
                _free.Push(state);
            }
        }
    }
}
